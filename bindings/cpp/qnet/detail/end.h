// Closes what begin.h has opened.
#ifdef QNET_AS_QT
#undef detail
#else
} // namespace qnet
#endif
