// Package oid names objects as OpenSSL does, and Qt with it.
package oid

// Name is what an object is called: in short, as in names and for programs, and for people.
type Name struct {
	Short, Long string
}

// Short returns an object's short name, or its identifier if it has none here.
func Short(id string) string {
	if name, ok := names[id]; ok {
		return name.Short
	}
	return id
}

// Long returns an object's name for people, or its identifier if it has none here.
func Long(id string) string {
	if name, ok := names[id]; ok {
		return name.Long
	}
	return id
}

// Known reports whether an object has names.
func Known(id string) bool {
	_, ok := names[id]
	return ok
}

func same(name string) Name { return Name{name, name} }

var names = map[string]Name{
	// Attributes of names.
	"2.5.4.3":                    {"CN", "commonName"},
	"2.5.4.4":                    {"SN", "surname"},
	"2.5.4.5":                    same("serialNumber"),
	"2.5.4.6":                    {"C", "countryName"},
	"2.5.4.7":                    {"L", "localityName"},
	"2.5.4.8":                    {"ST", "stateOrProvinceName"},
	"2.5.4.9":                    {"street", "streetAddress"},
	"2.5.4.10":                   {"O", "organizationName"},
	"2.5.4.11":                   {"OU", "organizationalUnitName"},
	"2.5.4.12":                   same("title"),
	"2.5.4.13":                   same("description"),
	"2.5.4.14":                   same("searchGuide"),
	"2.5.4.15":                   same("businessCategory"),
	"2.5.4.16":                   same("postalAddress"),
	"2.5.4.17":                   same("postalCode"),
	"2.5.4.18":                   same("postOfficeBox"),
	"2.5.4.19":                   same("physicalDeliveryOfficeName"),
	"2.5.4.20":                   same("telephoneNumber"),
	"2.5.4.41":                   same("name"),
	"2.5.4.42":                   {"GN", "givenName"},
	"2.5.4.43":                   same("initials"),
	"2.5.4.44":                   same("generationQualifier"),
	"2.5.4.45":                   same("x500UniqueIdentifier"),
	"2.5.4.46":                   same("dnQualifier"),
	"2.5.4.51":                   same("houseIdentifier"),
	"2.5.4.54":                   same("dmdName"),
	"2.5.4.65":                   same("pseudonym"),
	"2.5.4.72":                   same("role"),
	"2.5.4.97":                   same("organizationIdentifier"),
	"1.2.840.113549.1.9.1":       same("emailAddress"),
	"1.2.840.113549.1.9.2":       same("unstructuredName"),
	"1.2.840.113549.1.9.8":       same("unstructuredAddress"),
	"0.9.2342.19200300.100.1.1":  {"UID", "userId"},
	"0.9.2342.19200300.100.1.3":  {"mail", "rfc822Mailbox"},
	"0.9.2342.19200300.100.1.25": {"DC", "domainComponent"},
	"1.3.6.1.4.1.311.60.2.1.1":   {"jurisdictionL", "jurisdictionLocalityName"},
	"1.3.6.1.4.1.311.60.2.1.2":   {"jurisdictionST", "jurisdictionStateOrProvinceName"},
	"1.3.6.1.4.1.311.60.2.1.3":   {"jurisdictionC", "jurisdictionCountryName"},
	"1.3.6.1.4.1.311.20.2.3":     {"msUPN", "Microsoft User Principal Name"},
	"1.3.6.1.5.5.7.8.9":          {"id-on-SmtpUTF8Mailbox", "Smtp UTF8 Mailbox"},
	"1.3.6.1.5.5.7.8.7":          {"id-on-dnsSRV", "dnsSRV"},
	"1.3.6.1.5.5.7.8.5":          {"id-on-xmppAddr", "XmppAddr"},
	// Keys and signatures.
	"1.2.840.113549.1.1.1":   same("rsaEncryption"),
	"1.2.840.113549.1.1.2":   {"RSA-MD2", "md2WithRSAEncryption"},
	"1.2.840.113549.1.1.4":   {"RSA-MD5", "md5WithRSAEncryption"},
	"1.2.840.113549.1.1.5":   {"RSA-SHA1", "sha1WithRSAEncryption"},
	"1.2.840.113549.1.1.7":   {"RSAES-OAEP", "rsaesOaep"},
	"1.2.840.113549.1.1.8":   {"MGF1", "mgf1"},
	"1.2.840.113549.1.1.10":  {"RSASSA-PSS", "rsassaPss"},
	"1.2.840.113549.1.1.11":  {"RSA-SHA256", "sha256WithRSAEncryption"},
	"1.2.840.113549.1.1.12":  {"RSA-SHA384", "sha384WithRSAEncryption"},
	"1.2.840.113549.1.1.13":  {"RSA-SHA512", "sha512WithRSAEncryption"},
	"1.2.840.113549.1.1.14":  {"RSA-SHA224", "sha224WithRSAEncryption"},
	"1.2.840.10040.4.1":      {"DSA", "dsaEncryption"},
	"1.2.840.10040.4.3":      {"DSA-SHA1", "dsaWithSHA1"},
	"2.16.840.1.101.3.4.3.1": {"dsa_with_SHA224", "dsa_with_SHA224"},
	"2.16.840.1.101.3.4.3.2": {"dsa_with_SHA256", "dsa_with_SHA256"},
	"1.2.840.10045.2.1":      same("id-ecPublicKey"),
	"1.2.840.10045.4.1":      same("ecdsa-with-SHA1"),
	"1.2.840.10045.4.3.1":    same("ecdsa-with-SHA224"),
	"1.2.840.10045.4.3.2":    same("ecdsa-with-SHA256"),
	"1.2.840.10045.4.3.3":    same("ecdsa-with-SHA384"),
	"1.2.840.10045.4.3.4":    same("ecdsa-with-SHA512"),
	"1.3.101.110":            same("X25519"),
	"1.3.101.111":            same("X448"),
	"1.3.101.112":            same("ED25519"),
	"1.3.101.113":            same("ED448"),
	"1.3.14.3.2.26":          {"SHA1", "sha1"},
	"2.16.840.1.101.3.4.2.1": {"SHA256", "sha256"},
	"2.16.840.1.101.3.4.2.2": {"SHA384", "sha384"},
	"2.16.840.1.101.3.4.2.3": {"SHA512", "sha512"},
	"2.16.840.1.101.3.4.2.4": {"SHA224", "sha224"},
	"1.2.840.10045.3.1.1":    same("prime192v1"),
	"1.2.840.10045.3.1.7":    same("prime256v1"),
	"1.3.132.0.10":           same("secp256k1"),
	"1.3.132.0.33":           same("secp224r1"),
	"1.3.132.0.34":           same("secp384r1"),
	"1.3.132.0.35":           same("secp521r1"),
	"1.3.36.3.3.2.8.1.1.7":   same("brainpoolP256r1"),
	"1.3.36.3.3.2.8.1.1.11":  same("brainpoolP384r1"),
	"1.3.36.3.3.2.8.1.1.13":  same("brainpoolP512r1"),
	// Extensions.
	"2.5.29.9":                {"subjectDirectoryAttributes", "X509v3 Subject Directory Attributes"},
	"2.5.29.14":               {"subjectKeyIdentifier", "X509v3 Subject Key Identifier"},
	"2.5.29.15":               {"keyUsage", "X509v3 Key Usage"},
	"2.5.29.16":               {"privateKeyUsagePeriod", "X509v3 Private Key Usage Period"},
	"2.5.29.17":               {"subjectAltName", "X509v3 Subject Alternative Name"},
	"2.5.29.18":               {"issuerAltName", "X509v3 Issuer Alternative Name"},
	"2.5.29.19":               {"basicConstraints", "X509v3 Basic Constraints"},
	"2.5.29.20":               {"crlNumber", "X509v3 CRL Number"},
	"2.5.29.30":               {"nameConstraints", "X509v3 Name Constraints"},
	"2.5.29.31":               {"crlDistributionPoints", "X509v3 CRL Distribution Points"},
	"2.5.29.32":               {"certificatePolicies", "X509v3 Certificate Policies"},
	"2.5.29.33":               {"policyMappings", "X509v3 Policy Mappings"},
	"2.5.29.35":               {"authorityKeyIdentifier", "X509v3 Authority Key Identifier"},
	"2.5.29.36":               {"policyConstraints", "X509v3 Policy Constraints"},
	"2.5.29.37":               {"extendedKeyUsage", "X509v3 Extended Key Usage"},
	"2.5.29.46":               {"freshestCRL", "X509v3 Freshest CRL"},
	"2.5.29.54":               {"inhibitAnyPolicy", "X509v3 Inhibit Any Policy"},
	"1.3.6.1.5.5.7.1.1":       {"authorityInfoAccess", "Authority Information Access"},
	"1.3.6.1.5.5.7.1.3":       same("qcStatements"),
	"1.3.6.1.5.5.7.1.11":      {"subjectInfoAccess", "Subject Information Access"},
	"1.3.6.1.5.5.7.1.24":      {"tlsfeature", "TLS Feature"},
	"1.3.6.1.5.5.7.48.1.5":    {"noCheck", "OCSP No Check"},
	"1.3.6.1.4.1.11129.2.4.2": {"ct_precert_scts", "CT Precertificate SCTs"},
	"1.3.6.1.4.1.11129.2.4.3": {"ct_precert_poison", "CT Precertificate Poison"},
	"2.23.42.7.0":             same("setCext-hashedRoot"),
	"2.16.840.1.113730.1.1":   {"nsCertType", "Netscape Cert Type"},
	"2.16.840.1.113730.1.2":   {"nsBaseUrl", "Netscape Base Url"},
	"2.16.840.1.113730.1.3":   {"nsRevocationUrl", "Netscape Revocation Url"},
	"2.16.840.1.113730.1.4":   {"nsCaRevocationUrl", "Netscape CA Revocation Url"},
	"2.16.840.1.113730.1.7":   {"nsRenewalUrl", "Netscape Renewal Url"},
	"2.16.840.1.113730.1.8":   {"nsCaPolicyUrl", "Netscape CA Policy Url"},
	"2.16.840.1.113730.1.12":  {"nsSslServerName", "Netscape SSL Server Name"},
	"2.16.840.1.113730.1.13":  {"nsComment", "Netscape Comment"},
	// What keys are for.
	"1.3.6.1.5.5.7.3.1":      {"serverAuth", "TLS Web Server Authentication"},
	"1.3.6.1.5.5.7.3.2":      {"clientAuth", "TLS Web Client Authentication"},
	"1.3.6.1.5.5.7.3.3":      {"codeSigning", "Code Signing"},
	"1.3.6.1.5.5.7.3.4":      {"emailProtection", "E-mail Protection"},
	"1.3.6.1.5.5.7.3.5":      {"ipsecEndSystem", "IPSec End System"},
	"1.3.6.1.5.5.7.3.6":      {"ipsecTunnel", "IPSec Tunnel"},
	"1.3.6.1.5.5.7.3.7":      {"ipsecUser", "IPSec User"},
	"1.3.6.1.5.5.7.3.8":      {"timeStamping", "Time Stamping"},
	"1.3.6.1.5.5.7.3.9":      {"OCSPSigning", "OCSP Signing"},
	"1.3.6.1.5.5.7.3.10":     {"DVCS", "dvcs"},
	"1.3.6.1.5.5.7.3.17":     {"ipsecIKE", "ipsec Internet Key Exchange"},
	"1.3.6.1.5.5.7.3.18":     {"capwapAC", "Ctrl/provision WAP Access"},
	"1.3.6.1.5.5.7.3.19":     {"capwapWTP", "Ctrl/Provision WAP Termination"},
	"1.3.6.1.5.5.7.3.21":     {"secureShellClient", "SSH Client"},
	"1.3.6.1.5.5.7.3.22":     {"secureShellServer", "SSH Server"},
	"2.5.29.37.0":            {"anyExtendedKeyUsage", "Any Extended Key Usage"},
	"1.3.6.1.4.1.311.2.1.21": {"msCodeInd", "Microsoft Individual Code Signing"},
	"1.3.6.1.4.1.311.2.1.22": {"msCodeCom", "Microsoft Commercial Code Signing"},
	"1.3.6.1.4.1.311.10.3.1": {"msCTLSign", "Microsoft Trust List Signing"},
	"1.3.6.1.4.1.311.10.3.3": {"msSGC", "Microsoft Server Gated Crypto"},
	"1.3.6.1.4.1.311.10.3.4": {"msEFS", "Microsoft Encrypted File System"},
	"1.3.6.1.4.1.311.20.2.2": {"msSmartcardLogin", "Microsoft Smartcard Login"},
	"2.16.840.1.113730.4.1":  {"nsSGC", "Netscape Server Gated Crypto"},
	"1.3.6.1.5.2.3.4":        {"pkInitClientAuth", "PKINIT Client Auth"},
	"1.3.6.1.5.2.3.5":        {"pkInitKDC", "Signing KDC Response"},
	// Where something is to be had.
	"1.3.6.1.5.5.7.48.1": {"OCSP", "OCSP"},
	"1.3.6.1.5.5.7.48.2": {"caIssuers", "CA Issuers"},
	"1.3.6.1.5.5.7.48.3": {"ad_timestamping", "AD Time Stamping"},
	"1.3.6.1.5.5.7.48.4": {"AD_DVCS", "ad dvcs"},
	"1.3.6.1.5.5.7.48.5": {"caRepository", "CA Repository"},
	// Policies.
	"2.5.29.32.0":       {"anyPolicy", "X509v3 Any Policy"},
	"1.3.6.1.5.5.7.2.1": {"id-qt-cps", "Policy Qualifier CPS"},
	"1.3.6.1.5.5.7.2.2": {"id-qt-unotice", "Policy Qualifier User Notice"},
}
