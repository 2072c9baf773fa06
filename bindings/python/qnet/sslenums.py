"""The enumerations of TLS, with Qt's names and values. They are integers too."""

from __future__ import annotations

from . import _api
from .enums import _IntEnum, _IntFlag

class KeyType(_IntEnum):
    """Qt: QSsl::KeyType"""

    PrivateKey = _api.QNET_PRIVATE_KEY
    PublicKey = _api.QNET_PUBLIC_KEY


class EncodingFormat(_IntEnum):
    """How certificates and keys are written. Qt: QSsl::EncodingFormat"""

    Pem = _api.QNET_PEM
    Der = _api.QNET_DER


class KeyAlgorithm(_IntEnum):
    """Opaque is one that the others do not name, such as Ed25519, or none. Qt: QSsl::KeyAlgorithm"""

    Opaque = _api.QNET_OPAQUE_KEY
    Rsa = _api.QNET_RSA_KEY
    Dsa = _api.QNET_DSA_KEY
    Ec = _api.QNET_EC_KEY
    Dh = _api.QNET_DH_KEY
    MlDsa = _api.QNET_ML_DSA_KEY


class AlternativeNameEntryType(_IntEnum):
    """Qt: QSsl::AlternativeNameEntryType"""

    EmailEntry = _api.QNET_EMAIL_ENTRY
    DnsEntry = _api.QNET_DNS_ENTRY
    IpAddressEntry = _api.QNET_IP_ADDRESS_ENTRY


class SslProtocol(_IntEnum):
    """Those of DTLS are not supported. Qt: QSsl::SslProtocol"""

    TlsV1_0 = _api.QNET_TLS_V1_0
    TlsV1_1 = _api.QNET_TLS_V1_1
    TlsV1_2 = _api.QNET_TLS_V1_2
    AnyProtocol = _api.QNET_ANY_SSL_PROTOCOL
    SecureProtocols = _api.QNET_SECURE_PROTOCOLS
    TlsV1_0OrLater = _api.QNET_TLS_V1_0_OR_LATER
    TlsV1_1OrLater = _api.QNET_TLS_V1_1_OR_LATER
    TlsV1_2OrLater = _api.QNET_TLS_V1_2_OR_LATER
    DtlsV1_0 = _api.QNET_DTLS_V1_0
    DtlsV1_0OrLater = _api.QNET_DTLS_V1_0_OR_LATER
    DtlsV1_2 = _api.QNET_DTLS_V1_2
    DtlsV1_2OrLater = _api.QNET_DTLS_V1_2_OR_LATER
    TlsV1_3 = _api.QNET_TLS_V1_3
    TlsV1_3OrLater = _api.QNET_TLS_V1_3_OR_LATER
    UnknownProtocol = _api.QNET_UNKNOWN_SSL_PROTOCOL


class SslOption(_IntFlag):
    """Qt: QSsl::SslOption"""

    SslOptionDisableEmptyFragments = _api.QNET_SSL_OPTION_DISABLE_EMPTY_FRAGMENTS
    SslOptionDisableSessionTickets = _api.QNET_SSL_OPTION_DISABLE_SESSION_TICKETS
    SslOptionDisableCompression = _api.QNET_SSL_OPTION_DISABLE_COMPRESSION
    SslOptionDisableServerNameIndication = _api.QNET_SSL_OPTION_DISABLE_SERVER_NAME_INDICATION
    SslOptionDisableLegacyRenegotiation = _api.QNET_SSL_OPTION_DISABLE_LEGACY_RENEGOTIATION
    SslOptionDisableSessionSharing = _api.QNET_SSL_OPTION_DISABLE_SESSION_SHARING
    SslOptionDisableSessionPersistence = _api.QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE
    SslOptionDisableServerCipherPreference = _api.QNET_SSL_OPTION_DISABLE_SERVER_CIPHER_PREFERENCE


class AlertLevel(_IntEnum):
    """Qt: QSsl::AlertLevel"""

    Warning = _api.QNET_ALERT_LEVEL_WARNING
    Fatal = _api.QNET_ALERT_LEVEL_FATAL
    Unknown = _api.QNET_ALERT_LEVEL_UNKNOWN


class AlertType(_IntEnum):
    """What the one end tells the other. Qt: QSsl::AlertType"""

    CloseNotify = _api.QNET_ALERT_CLOSE_NOTIFY
    UnexpectedMessage = _api.QNET_ALERT_UNEXPECTED_MESSAGE
    BadRecordMac = _api.QNET_ALERT_BAD_RECORD_MAC
    RecordOverflow = _api.QNET_ALERT_RECORD_OVERFLOW
    DecompressionFailure = _api.QNET_ALERT_DECOMPRESSION_FAILURE
    HandshakeFailure = _api.QNET_ALERT_HANDSHAKE_FAILURE
    NoCertificate = _api.QNET_ALERT_NO_CERTIFICATE
    BadCertificate = _api.QNET_ALERT_BAD_CERTIFICATE
    UnsupportedCertificate = _api.QNET_ALERT_UNSUPPORTED_CERTIFICATE
    CertificateRevoked = _api.QNET_ALERT_CERTIFICATE_REVOKED
    CertificateExpired = _api.QNET_ALERT_CERTIFICATE_EXPIRED
    CertificateUnknown = _api.QNET_ALERT_CERTIFICATE_UNKNOWN
    IllegalParameter = _api.QNET_ALERT_ILLEGAL_PARAMETER
    UnknownCa = _api.QNET_ALERT_UNKNOWN_CA
    AccessDenied = _api.QNET_ALERT_ACCESS_DENIED
    DecodeError = _api.QNET_ALERT_DECODE_ERROR
    DecryptError = _api.QNET_ALERT_DECRYPT_ERROR
    ExportRestriction = _api.QNET_ALERT_EXPORT_RESTRICTION
    ProtocolVersion = _api.QNET_ALERT_PROTOCOL_VERSION
    InsufficientSecurity = _api.QNET_ALERT_INSUFFICIENT_SECURITY
    InternalError = _api.QNET_ALERT_INTERNAL_ERROR
    InappropriateFallback = _api.QNET_ALERT_INAPPROPRIATE_FALLBACK
    UserCancelled = _api.QNET_ALERT_USER_CANCELLED
    NoRenegotiation = _api.QNET_ALERT_NO_RENEGOTIATION
    MissingExtension = _api.QNET_ALERT_MISSING_EXTENSION
    UnsupportedExtension = _api.QNET_ALERT_UNSUPPORTED_EXTENSION
    CertificateUnobtainable = _api.QNET_ALERT_CERTIFICATE_UNOBTAINABLE
    UnrecognizedName = _api.QNET_ALERT_UNRECOGNIZED_NAME
    BadCertificateStatusResponse = _api.QNET_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE
    BadCertificateHashValue = _api.QNET_ALERT_BAD_CERTIFICATE_HASH_VALUE
    UnknownPskIdentity = _api.QNET_ALERT_UNKNOWN_PSK_IDENTITY
    CertificateRequired = _api.QNET_ALERT_CERTIFICATE_REQUIRED
    NoApplicationProtocol = _api.QNET_ALERT_NO_APPLICATION_PROTOCOL
    UnknownAlertMessage = _api.QNET_ALERT_UNKNOWN_ALERT_MESSAGE


class SupportedFeature(_IntEnum):
    """Qt: QSsl::SupportedFeature"""

    CertificateVerification = _api.QNET_SSL_FEATURE_CERTIFICATE_VERIFICATION
    ClientSideAlpn = _api.QNET_SSL_FEATURE_CLIENT_SIDE_ALPN
    ServerSideAlpn = _api.QNET_SSL_FEATURE_SERVER_SIDE_ALPN
    Ocsp = _api.QNET_SSL_FEATURE_OCSP
    Psk = _api.QNET_SSL_FEATURE_PSK
    SessionTicket = _api.QNET_SSL_FEATURE_SESSION_TICKET
    Alerts = _api.QNET_SSL_FEATURE_ALERTS


class SslMode(_IntEnum):
    """Qt: QSslSocket::SslMode"""

    UnencryptedMode = _api.QNET_UNENCRYPTED_MODE
    SslClientMode = _api.QNET_SSL_CLIENT_MODE
    SslServerMode = _api.QNET_SSL_SERVER_MODE


class PeerVerifyMode(_IntEnum):
    """What is asked of the peer's certificate. Qt: QSslSocket::PeerVerifyMode"""

    VerifyNone = _api.QNET_VERIFY_NONE
    QueryPeer = _api.QNET_QUERY_PEER
    VerifyPeer = _api.QNET_VERIFY_PEER
    AutoVerifyPeer = _api.QNET_AUTO_VERIFY_PEER


class HashAlgorithm(_IntEnum):
    """Qt: QCryptographicHash::Algorithm"""

    Md5 = _api.QNET_MD5
    Sha1 = _api.QNET_SHA1
    Sha224 = _api.QNET_SHA224
    Sha256 = _api.QNET_SHA256
    Sha384 = _api.QNET_SHA384
    Sha512 = _api.QNET_SHA512
    Sha3_224 = _api.QNET_SHA3_224
    Sha3_256 = _api.QNET_SHA3_256
    Sha3_384 = _api.QNET_SHA3_384
    Sha3_512 = _api.QNET_SHA3_512
    RealSha3_224 = Sha3_224
    RealSha3_256 = Sha3_256
    RealSha3_384 = Sha3_384
    RealSha3_512 = Sha3_512


class SslError(_IntEnum):
    """What is wrong with a certificate. Qt: QSslError::SslError"""

    NoError = _api.QNET_SSL_NO_ERROR
    UnableToGetIssuerCertificate = _api.QNET_SSL_UNABLE_TO_GET_ISSUER_CERTIFICATE
    UnableToDecryptCertificateSignature = _api.QNET_SSL_UNABLE_TO_DECRYPT_CERTIFICATE_SIGNATURE
    UnableToDecodeIssuerPublicKey = _api.QNET_SSL_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY
    CertificateSignatureFailed = _api.QNET_SSL_CERTIFICATE_SIGNATURE_FAILED
    CertificateNotYetValid = _api.QNET_SSL_CERTIFICATE_NOT_YET_VALID
    CertificateExpired = _api.QNET_SSL_CERTIFICATE_EXPIRED
    InvalidNotBeforeField = _api.QNET_SSL_INVALID_NOT_BEFORE_FIELD
    InvalidNotAfterField = _api.QNET_SSL_INVALID_NOT_AFTER_FIELD
    SelfSignedCertificate = _api.QNET_SSL_SELF_SIGNED_CERTIFICATE
    SelfSignedCertificateInChain = _api.QNET_SSL_SELF_SIGNED_CERTIFICATE_IN_CHAIN
    UnableToGetLocalIssuerCertificate = _api.QNET_SSL_UNABLE_TO_GET_LOCAL_ISSUER_CERTIFICATE
    UnableToVerifyFirstCertificate = _api.QNET_SSL_UNABLE_TO_VERIFY_FIRST_CERTIFICATE
    CertificateRevoked = _api.QNET_SSL_CERTIFICATE_REVOKED
    InvalidCaCertificate = _api.QNET_SSL_INVALID_CA_CERTIFICATE
    PathLengthExceeded = _api.QNET_SSL_PATH_LENGTH_EXCEEDED
    InvalidPurpose = _api.QNET_SSL_INVALID_PURPOSE
    CertificateUntrusted = _api.QNET_SSL_CERTIFICATE_UNTRUSTED
    CertificateRejected = _api.QNET_SSL_CERTIFICATE_REJECTED
    SubjectIssuerMismatch = _api.QNET_SSL_SUBJECT_ISSUER_MISMATCH
    AuthorityIssuerSerialNumberMismatch = _api.QNET_SSL_AUTHORITY_ISSUER_SERIAL_NUMBER_MISMATCH
    NoPeerCertificate = _api.QNET_SSL_NO_PEER_CERTIFICATE
    HostNameMismatch = _api.QNET_SSL_HOST_NAME_MISMATCH
    NoSslSupport = _api.QNET_SSL_NO_SSL_SUPPORT
    CertificateBlacklisted = _api.QNET_SSL_CERTIFICATE_BLACKLISTED
    CertificateStatusUnknown = _api.QNET_SSL_CERTIFICATE_STATUS_UNKNOWN
    OcspNoResponseFound = _api.QNET_SSL_OCSP_NO_RESPONSE_FOUND
    OcspMalformedRequest = _api.QNET_SSL_OCSP_MALFORMED_REQUEST
    OcspMalformedResponse = _api.QNET_SSL_OCSP_MALFORMED_RESPONSE
    OcspInternalError = _api.QNET_SSL_OCSP_INTERNAL_ERROR
    OcspTryLater = _api.QNET_SSL_OCSP_TRY_LATER
    OcspSigRequred = _api.QNET_SSL_OCSP_SIG_REQUIRED
    OcspUnauthorized = _api.QNET_SSL_OCSP_UNAUTHORIZED
    OcspResponseCannotBeTrusted = _api.QNET_SSL_OCSP_RESPONSE_CANNOT_BE_TRUSTED
    OcspResponseCertIdUnknown = _api.QNET_SSL_OCSP_RESPONSE_CERT_ID_UNKNOWN
    OcspResponseExpired = _api.QNET_SSL_OCSP_RESPONSE_EXPIRED
    OcspStatusUnknown = _api.QNET_SSL_OCSP_STATUS_UNKNOWN
    UnspecifiedError = _api.QNET_SSL_UNSPECIFIED_ERROR


class SubjectInfo(_IntEnum):
    """Attributes of names. Qt: QSslCertificate::SubjectInfo"""

    Organization = _api.QNET_CERTIFICATE_ORGANIZATION
    CommonName = _api.QNET_CERTIFICATE_COMMON_NAME
    LocalityName = _api.QNET_CERTIFICATE_LOCALITY_NAME
    OrganizationalUnitName = _api.QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME
    CountryName = _api.QNET_CERTIFICATE_COUNTRY_NAME
    StateOrProvinceName = _api.QNET_CERTIFICATE_STATE_OR_PROVINCE_NAME
    DistinguishedNameQualifier = _api.QNET_CERTIFICATE_DISTINGUISHED_NAME_QUALIFIER
    SerialNumber = _api.QNET_CERTIFICATE_SERIAL_NUMBER
    EmailAddress = _api.QNET_CERTIFICATE_EMAIL_ADDRESS


class PatternSyntax(_IntEnum):
    """How a path is meant. Qt: QSslCertificate::PatternSyntax"""

    RegularExpression = _api.QNET_CERTIFICATE_REGULAR_EXPRESSION
    Wildcard = _api.QNET_CERTIFICATE_WILDCARD
    FixedString = _api.QNET_CERTIFICATE_FIXED_STRING


class NextProtocolNegotiationStatus(_IntEnum):
    """Qt: QSslConfiguration::NextProtocolNegotiationStatus"""

    NextProtocolNegotiationNone = _api.QNET_NEXT_PROTOCOL_NEGOTIATION_NONE
    NextProtocolNegotiationNegotiated = _api.QNET_NEXT_PROTOCOL_NEGOTIATION_NEGOTIATED
    NextProtocolNegotiationUnsupported = _api.QNET_NEXT_PROTOCOL_NEGOTIATION_UNSUPPORTED


class QOcspCertificateStatus(_IntEnum):
    """Qt: QOcspCertificateStatus"""

    Good = _api.QNET_OCSP_GOOD
    Revoked = _api.QNET_OCSP_REVOKED
    Unknown = _api.QNET_OCSP_UNKNOWN


class QOcspRevocationReason(_IntEnum):
    """Why a certificate was revoked. Qt: QOcspRevocationReason"""

    None_ = _api.QNET_OCSP_NO_REASON
    Unspecified = _api.QNET_OCSP_UNSPECIFIED
    KeyCompromise = _api.QNET_OCSP_KEY_COMPROMISE
    CACompromise = _api.QNET_OCSP_CA_COMPROMISE
    AffiliationChanged = _api.QNET_OCSP_AFFILIATION_CHANGED
    Superseded = _api.QNET_OCSP_SUPERSEDED
    CessationOfOperation = _api.QNET_OCSP_CESSATION_OF_OPERATION
    CertificateHold = _api.QNET_OCSP_CERTIFICATE_HOLD
    RemoveFromCRL = _api.QNET_OCSP_REMOVE_FROM_CRL
