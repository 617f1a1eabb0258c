package database_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"syncline/sync/source/database"
)

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
