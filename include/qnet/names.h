/**
 * @file names.h
 * Names of the library's values, for messages and logs: a function for each enumeration.
 *
 * A name is that of the enumerator as C has it, such as "QNET_CONNECTION_REFUSED_ERROR", in a
 * static text. That of a value that has none is "unknown". These functions need nothing of the
 * library: they are no first call, work in forked children, and may be called in signal handlers.
 */
#ifndef QNET_NAMES_H
#define QNET_NAMES_H

#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/host_info.h>
#include <qnet/network_proxy.h>
#include <qnet/notifier.h>
#include <qnet/socket.h>
#include <qnet/ssl.h>
#include <qnet/ssl_error.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Returns the name of a kind of messages.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_msg_type_name(qnet_msg_type value);

/**
 * Returns the name of an error.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_error_name(qnet_error value);

/**
 * Returns the name of a state.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_state_name(qnet_state value);

/**
 * Returns the name of a socket option.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_option_name(qnet_option value);

/**
 * Returns the name of a kind of sockets.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_socket_kind_name(qnet_socket_kind value);

/**
 * Returns the name of one flag of an open mode.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_open_mode_name(qnet_open_mode value);

/**
 * Returns the name of a protocol of addresses.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_network_layer_protocol_name(qnet_network_layer_protocol value);

/**
 * Returns the name of an error of a look-up.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_host_info_error_code_name(qnet_host_info_error_code value);

/**
 * Returns the name of a type of proxies.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_network_proxy_type_name(qnet_network_proxy_type value);

/**
 * Returns the name of a type of notifiers.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_notifier_kind_name(qnet_notifier_kind value);

/**
 * Returns the name of a version of TLS.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_ssl_protocol_name(qnet_ssl_protocol value);

/**
 * Returns the name of a mode of encryption.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_ssl_mode_name(qnet_ssl_mode value);

/**
 * Returns the name of an alert.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_alert_type_name(qnet_alert_type value);

/**
 * Returns the name of an error of a certificate.
 *
 * Beyond Qt: QMetaEnum::valueToKey() is for classes that moc has seen.
 */
QNET_API const char *qnet_ssl_error_code_name(qnet_ssl_error_code value);

#ifdef __cplusplus
}
#endif

#endif
