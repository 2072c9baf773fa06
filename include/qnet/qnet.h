/**
 * @file qnet.h
 * All of qnet: Qt's networking classes behind a C API.
 */
#ifndef QNET_QNET_H
#define QNET_QNET_H

#include <qnet/authenticator.h>
#include <qnet/global.h>
#include <qnet/host_address.h>
#include <qnet/host_info.h>
#include <qnet/local_server.h>
#include <qnet/local_socket.h>
#include <qnet/loop.h>
#include <qnet/names.h>
#include <qnet/network_interface.h>
#include <qnet/network_proxy.h>
#include <qnet/notifier.h>
#include <qnet/ocsp_response.h>
#include <qnet/print.h>
#include <qnet/sctp_server.h>
#include <qnet/sctp_socket.h>
#include <qnet/socket.h>
#include <qnet/ssl.h>
#include <qnet/ssl_certificate.h>
#include <qnet/ssl_certificate_extension.h>
#include <qnet/ssl_cipher.h>
#include <qnet/ssl_configuration.h>
#include <qnet/ssl_elliptic_curve.h>
#include <qnet/ssl_error.h>
#include <qnet/ssl_key.h>
#include <qnet/ssl_server.h>
#include <qnet/ssl_socket.h>
#include <qnet/tcp_server.h>
#include <qnet/tcp_socket.h>
#include <qnet/timer.h>
#include <qnet/udp_socket.h>
#include <qnet/usage.h>

#endif
