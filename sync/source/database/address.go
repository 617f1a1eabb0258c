package database

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The kinds of database.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
	MySQL    = "mysql" // and MariaDB
)

// Kinds are those that Open takes.
var Kinds = []string{SQLite, Postgres, MySQL}

// TLS modes, in libpq's words, from the weakest to the strongest.
const (
	TLSDisable    = "disable"     // never encrypted
	TLSPrefer     = "prefer"      // encrypted where the server offers it, the server unchecked
	TLSRequire    = "require"     // encrypted, the server unchecked
	TLSVerifyCA   = "verify-ca"   // its certificate checked, not its name
	TLSVerifyFull = "verify-full" // its certificate and its name checked
)

var tlsModes = []string{TLSDisable, TLSPrefer, TLSRequire, TLSVerifyCA, TLSVerifyFull}

// Address says where a server's database is. It holds no secret. What is empty
// is left to the server's usual settings: PG* variables, pg_service.conf,
// .my.cnf, and the usual ports.
type Address struct {
	Kind     string
	Host     string // a name, a number, or the folder (PostgreSQL) or file (MySQL) of a socket
	Port     int    // 0 is the usual one
	Database string
	User     string
	TLS      string // one of the modes; "" lets the host decide, see Mode
}

// ParseAddress reads a definition's dsn. Only host, port, database, user and TLS
// mode may stand in it: a definition may come from somebody else, and what else
// the drivers take could read files or send a password elsewhere.
func ParseAddress(kind, dsn string) (Address, error) {
	a := Address{Kind: kind}
	u, err := url.Parse(dsn)
	if err != nil {
		return a, errors.New("is no address: write it as " + example(kind))
	}
	if !slices.Contains(schemes[kind], u.Scheme) || u.Opaque != "" || u.Fragment != "" {
		return a, fmt.Errorf("is no address of this kind: write it as %s", example(kind))
	}
	if u.User != nil {
		a.User = u.User.Username()
		if _, has := u.User.Password(); has {
			return a, errors.New("holds a password. Take it out: Syncline asks for it once and keeps it in the keychain")
		}
	}
	a.Host, a.Database = u.Hostname(), strings.TrimPrefix(u.Path, "/")
	if port := u.Port(); port != "" {
		if a.Port, err = strconv.Atoi(port); err != nil || a.Port < 1 || a.Port > 65535 {
			return a, fmt.Errorf("has no port %q", port)
		}
	}
	for name, values := range u.Query() {
		if len(values) != 1 {
			return a, fmt.Errorf("names %q twice", name)
		}
		if err := a.set(name, values[0]); err != nil {
			return a, err
		}
	}
	if strings.Contains(a.Host, ",") {
		return a, errors.New("names several hosts: name one")
	}
	return a, nil
}

var schemes = map[string][]string{Postgres: {"postgres", "postgresql"}, MySQL: {"mysql", "mariadb"}}

func example(kind string) string {
	if kind == MySQL {
		return "mysql://user@host:3306/database"
	}
	return "postgres://user@host:5432/database"
}

// set takes a parameter of the address.
func (a *Address) set(name, value string) error {
	switch name {
	case "host", "socket":
		a.Host = value
	case "sslmode", "tls":
		if !slices.Contains(tlsModes, value) {
			return fmt.Errorf("has %q as its TLS mode: write one of %s", value, strings.Join(tlsModes, ", "))
		}
		a.TLS = value
	default:
		return fmt.Errorf("has the parameter %q: an address may name host, port, database, user and sslmode, and nothing else", name)
	}
	return nil
}

// Local reports whether the address is on this machine.
func (a Address) Local() bool {
	if a.Socket() || strings.EqualFold(a.Host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(a.Host)
	return err == nil && ip.IsLoopback()
}

// Socket reports whether the host is a socket in the file system.
func (a Address) Socket() bool { return strings.HasPrefix(a.Host, "/") || filepath.IsAbs(a.Host) }

// Mode is the TLS mode in force: the one that is named, else the strongest for
// another machine, and none that is insisted on for this one.
func (a Address) Mode() string {
	switch {
	case a.TLS != "":
		return a.TLS
	case a.Local():
		return TLSPrefer
	}
	return TLSVerifyFull
}

// Weak says in a sentence what the TLS mode in force does not protect from, ""
// where nothing is to be said.
func (a Address) Weak() string {
	if a.Local() {
		return ""
	}
	switch a.Mode() {
	case TLSDisable, TLSPrefer:
		return fmt.Sprintf("The connection to %s may be unencrypted (sslmode=%s): whoever is on the way can read and change what passes. Use verify-full.", a.Host, a.Mode())
	case TLSRequire:
		return fmt.Sprintf("The connection to %s is encrypted, but it is not checked who answers (sslmode=require). Use verify-full.", a.Host)
	case TLSVerifyCA:
		return fmt.Sprintf("The certificate of %s is checked, but not its name (sslmode=verify-ca). Use verify-full.", a.Host)
	}
	return ""
}

// String is the address in one form, as a definition may have it. Two addresses
// with the same text lead to the same server in the same way, so that a password
// given for one may be sent to the other.
func (a Address) String() string {
	u := url.URL{Scheme: a.Kind, Path: "/" + a.Database}
	if a.User != "" {
		u.User = url.User(a.User)
	}
	q := url.Values{}
	port := ""
	if a.Port != 0 {
		port = ":" + strconv.Itoa(a.Port)
	}
	if a.Socket() {
		u.Host = port
		q.Set("host", a.Host)
	} else {
		host := strings.ToLower(a.Host)
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		u.Host = host + port
	}
	if a.TLS != "" {
		q.Set("sslmode", a.TLS)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Place is the address for people: without the scheme and its parameters.
func (a Address) Place() string {
	host := a.Host
	if host == "" {
		host = "localhost"
	}
	if a.Port != 0 && !a.Socket() {
		host = net.JoinHostPort(host, strconv.Itoa(a.Port))
	}
	if a.Database == "" {
		return host
	}
	return a.Database + " on " + host
}
