// Opens the namespace of the classes, which end.h closes; included once more by each header.
//
// That namespace is qnet. With QNET_AS_QT defined, in all files of a program, it is the global one, as in Qt: then
// `class QTcpSocket;` declares qnet's class ahead, and the keywords and macros of <qnet/QtKeywords> are there. What is for
// the headers alone has another name then, so that a program may have a namespace `detail` of its own.
#ifndef QNET_NAMESPACE
#ifdef QNET_AS_QT
#define QNET_NAMESPACE
#else
#define QNET_NAMESPACE qnet
#endif
#endif

#ifdef QNET_AS_QT
#define detail qnet_detail
#else
namespace qnet {
#endif
