package database_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncline/sync/source/database"
	"syncline/sync/source/database/servertest"
)

// authority vouches for servers, and is the only one that these tests trust.
var authority issuer

type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// trusted makes the authority, and keeps its certificate where Go looks for those that are trusted.
func (a *issuer) trusted(dir string) error {
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &a.key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	file := filepath.Join(dir, "authorities.pem")
	return errors.Join(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600), os.Setenv("SSL_CERT_FILE", file), os.Setenv("SSL_CERT_DIR", dir))
}

// issue makes a certificate for a name and its key, both in PEM.
func (a *issuer) issue(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, a.certificate, &own.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// encrypted is the address of a server that speaks PostgreSQL's way into TLS, shows
// a certificate of an authority of its own, and must never hear more.
func encrypted(t *testing.T, name string, from, to time.Time) database.Address {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme internal"}, DNSNames: []string{name}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := io.ReadFull(conn, make([]byte, 8)); err != nil { // SSLRequest
					return
				}
				if _, err := conn.Write([]byte("S")); err != nil {
					return
				}
				line := tls.Server(conn, config)
				if line.Handshake() == nil {
					if n, _ := io.Copy(io.Discard, line); n > 0 {
						t.Error("the server was spoken to")
					}
				}
			}()
		}
	}()
	return database.Address{Kind: database.Postgres, Host: "localhost", Port: l.Addr().(*net.TCPAddr).Port, Database: "crm", User: "sync", TLS: "verify-full"}
}

// A server whose certificate an authority that this computer trusts vouches for is spoken to over TLS,
// and one that is known by another name than its certificate's is told no password.
func TestServersWithATrustedCertificateAreSpokenToOverTLS(t *testing.T) {
	t.Parallel()
	certificate, key := authority.issue(t, "localhost")
	for _, kind := range []string{database.Postgres, database.MySQL} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := servertest.Encrypted(t, kind, certificate, key)
			address, err := database.ParseAddress(kind, server.DSN(server.User, "mysql"))
			if kind == database.Postgres {
				address, err = database.ParseAddress(kind, server.DSN(server.User, "postgres"))
			}
			if err != nil {
				t.Fatal(err)
			}
			address.TLS = database.TLSVerifyFull
			o := database.Options{Address: address, Login: database.Login{Password: servertest.Password, Home: t.TempDir()}, Key: []string{"id"}}
			if s, err := database.OpenServer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "x509") {
				t.Errorf("a server known by another name was taken: %v", err)
				if err == nil {
					s.Close()
				}
			}
			o.Address.Host, o.Query = "localhost", "SELECT 1 AS id, VARIABLE_VALUE AS cipher FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'"
			if kind == database.Postgres {
				o.Query = "SELECT 1 AS id, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
			}
			if got := rows(t, openAs(t, o)); !strings.Contains(got["1"]["cipher"].String(), "AES") && !strings.Contains(got["1"]["cipher"].String(), "CHACHA") {
				t.Errorf("the line is encrypted with %q", got["1"]["cipher"])
			}
		})
	}
}

func TestACertificateThatIsNotTrustedIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for says, address := range map[string]database.Address{
		"for another name than localhost: it is for db.acme.example": encrypted(t, "db.acme.example", now.Add(-time.Hour), now.Add(time.Hour)),
		"expired on ": encrypted(t, "localhost", now.AddDate(0, -2, 0), now.AddDate(0, -1, 0)),
		"holds from ": encrypted(t, "localhost", now.AddDate(0, 1, 0), now.AddDate(0, 2, 0)),
		"nobody vouches for whom this computer knows (issued by CN=Acme internal)": encrypted(t, "localhost", now.Add(-time.Hour), now.Add(time.Hour)),
	} {
		s, err := database.OpenServer(t.Context(), database.Options{Address: address, Login: database.Login{Password: "secret"}})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "x509") {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
