package record

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// domains maps a host name to its ASCII form as browsers do when they look one
// up (UTS #46, non-transitional).
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// asciiDomain returns the lower-case ASCII form of a host name; ok is false
// when it has none.
func asciiDomain(s string) (string, bool) {
	if plainDomain(s) {
		return strings.ToLower(s), true
	}
	a, err := domains.ToASCII(strings.ToLower(s))
	if err != nil || a == "" || !hostRunes(a) {
		return "", false
	}
	return a, true
}

// plainDomain reports whether a host name is ASCII without punycode, so that
// its form is its lower case.
func plainDomain(s string) bool {
	return s != "" && hostRunes(s) && !strings.Contains(strings.ToLower(s), "xn--")
}

func hostRunes(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || !(c == '-' || c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}

// readEmail returns the address in lower case, its domain in ASCII. HubSpot
// lower-cases whole addresses when it saves them, so the local part does not
// keep its case either. Only the shape is looked at: one @ between two parts
// without space.
func readEmail(s string) (string, bool) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || strings.ContainsFunc(s, unicode.IsSpace) {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	ascii, ok := asciiDomain(domain)
	if !ok || strings.ContainsAny(local, "@,;<>") {
		return "", false
	}
	return norm.NFC.String(strings.ToLower(local)) + "@" + ascii, true
}

// readURL returns a web address without what does not tell two of them apart
// in a CRM: http or https or neither, a leading www., the case of the host,
// its Unicode or ASCII form, the default port, slashes at the path's end, an
// empty query or fragment. HubSpot keeps company domains without www. and
// users write all of these forms for one site. Path, query and fragment keep
// their case. Addresses of other schemes, or with a user name, are texts.
func readURL(s string) (string, bool) {
	rest, explicit := s, false
	if i := strings.Index(s, "://"); i >= 0 && i < strings.IndexAny(s+"/", "/?#") {
		if scheme := strings.ToLower(s[:i]); scheme != "http" && scheme != "https" {
			return "", false
		}
		rest, explicit = s[i+3:], true
	}
	end := strings.IndexAny(rest+"/", "/?#")
	host, port, _ := strings.Cut(rest[:end], ":")
	rest = rest[end:]
	host, ok := asciiDomain(strings.TrimSuffix(host, "."))
	if !ok || !allDigits(port) || strings.Contains(host, "..") || host[0] == '.' {
		return "", false
	}
	for strings.HasPrefix(host, "www.") && strings.Contains(host[4:], ".") {
		host = host[4:]
	}
	if !explicit && !strings.Contains(host, ".") {
		return "", false // a word, not an address
	}
	if port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return host + canonicalPath(rest), true
}

// readHost returns the host of a web address or a domain, without www. and port.
func readHost(s string) (string, bool) {
	if i := strings.Index(s, "://"); i >= 0 {
		if end := strings.IndexAny(s[i+3:], "/?#"); end >= 0 {
			s = s[:i+3+end]
		}
		if at := strings.LastIndexByte(s, '@'); at > i { // https://user@example.com
			s = s[:i+3] + s[at+1:]
		}
	}
	address, ok := readURL(s)
	if !ok {
		return "", false
	}
	if i := strings.IndexAny(address, "/?#:"); i >= 0 {
		address = address[:i]
	}
	return address, true
}

// canonicalPath cleans what follows the host of a web address.
func canonicalPath(s string) string {
	fragment := ""
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, fragment = s[:i], s[i:]
	}
	path, query, _ := strings.Cut(s, "?")
	path = strings.TrimRight(percent(path), "/")
	if query != "" {
		path += "?" + percent(query)
	}
	if len(fragment) > 1 {
		path += percent(fragment)
	}
	return path
}

// percent writes the hex digits of percent-encoded bytes in upper case and
// decodes letters and digits that needed no encoding (RFC 3986, 6.2.2).
func percent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			b.WriteByte(s[i])
			continue
		}
		c := unhex(s[i+1])<<4 | unhex(s[i+2])
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}
