package database

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// mistrusted says why the certificate of a server is not trusted, and what to do; ""
// where that is not what keeps it from being reached.
func mistrusted(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("shows a certificate that is for another name than %s%s. Write the name that it is for as the host of the address; "+
			"where that can't be, sslmode=verify-ca takes any name that the same authority vouches for", name.Host, named(name.Certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		const day = "2 January 2006"
		when := "expired on " + invalid.Cert.NotAfter.Format(day)
		if time.Now().Before(invalid.Cert.NotBefore) {
			when = "holds from " + invalid.Cert.NotBefore.Format(day) + " on only"
		}
		return fmt.Sprintf("shows a certificate that %s. Ask its administrator to renew it; if that is not so, set the clock of this computer right", when)
	case errors.As(err, &unknown):
		by := ""
		if unknown.Cert != nil && unknown.Cert.Issuer.String() != "" {
			by = " (issued by " + unknown.Cert.Issuer.String() + ")"
		}
		return fmt.Sprintf("shows a certificate that nobody vouches for whom this computer knows%s. Ask its administrator for the certificate of the authority, "+
			"and add it to those that this computer trusts; sslmode=require encrypts without looking at it", by)
	}
	return ""
}

// named are the names that a certificate is for.
func named(c *x509.Certificate) string {
	if c == nil || len(c.DNSNames) == 0 {
		return ""
	}
	names := ": it is for " + c.DNSNames[0]
	if more := len(c.DNSNames) - 1; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	return names
}
