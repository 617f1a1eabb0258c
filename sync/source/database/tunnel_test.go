package database_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"syncline/sync/source/database"
)

// bastion is an SSH server of this process that leads on to any address.
type bastion struct {
	address string
	host    ssh.PublicKey
	led     atomic.Int64
}

// newBastion starts one that takes the key.
func newBastion(t *testing.T, takes ssh.PublicKey) *bastion {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	host, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(takes.Marshal()) {
			return nil, fmt.Errorf("another key")
		}
		return nil, nil
	}}
	cfg.AddHostKey(host)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	b := &bastion{address: l.Addr().String(), host: host.PublicKey()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go b.serve(conn, cfg)
		}
	}()
	return b
}

func (b *bastion) serve(conn net.Conn, cfg *ssh.ServerConfig) {
	c, channels, requests, err := ssh.NewServerConn(conn, cfg)
	if err != nil {
		return
	}
	defer c.Close()
	go func() {
		for r := range requests {
			_ = r.Reply(false, nil)
		}
	}()
	for ch := range channels {
		var to struct {
			Host string
			Port uint32
			From string
			At   uint32
		}
		if ch.ChannelType() != "direct-tcpip" || ssh.Unmarshal(ch.ExtraData(), &to) != nil {
			_ = ch.Reject(ssh.UnknownChannelType, "no")
			continue
		}
		far, err := net.Dial("tcp", net.JoinHostPort(to.Host, fmt.Sprint(to.Port)))
		if err != nil {
			_ = ch.Reject(ssh.ConnectionFailed, err.Error())
			continue
		}
		near, rest, err := ch.Accept()
		if err != nil {
			far.Close()
			continue
		}
		b.led.Add(1)
		go ssh.DiscardRequests(rest)
		go func() { _, _ = io.Copy(far, near); far.Close() }()
		go func() { _, _ = io.Copy(near, far); near.Close() }()
	}
}

func TestADatabaseIsReachedThroughSSHServersThatAreKnown(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	takes, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(home, "key")
	if err := os.WriteFile(key, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	far, jump, stranger := newBastion(t, takes), newBastion(t, takes), newBastion(t, takes)
	lines := knownhosts.Line([]string{far.address}, far.host) + "\n" + knownhosts.Line([]string{jump.address}, jump.host) + "\n"
	known := filepath.Join(home, ".ssh", "known_hosts")
	if err := os.WriteFile(known, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{database.Postgres, database.MySQL} {
		h := newHouse(t, kind)
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(10))", "INSERT INTO things VALUES(1, 'a')")
		o := h.opts
		o.Table, o.Key, o.Login.Home, o.Login.Getenv = "things", []string{"id"}, home, func(string) string { return "" }
		try := func(tunnel database.Tunnel, says string) {
			t.Helper()
			o.Login.Tunnel = &tunnel
			s, err := database.Open(t.Context(), o)
			if says != "" {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v, want %q", kind, err, says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if all := rows(t, s); all["1"]["name"].String() != "a" {
				t.Errorf("%s: %v", kind, all)
			}
		}
		before := far.led.Load()
		try(database.Tunnel{Server: "ann@" + far.address, Key: key}, "")
		if far.led.Load() == before {
			t.Errorf("%s was not reached through the server", kind)
		}
		before = jump.led.Load()
		try(database.Tunnel{Server: "ann@" + far.address, Key: key, Jump: "bob@" + jump.address}, "")
		if jump.led.Load() == before {
			t.Errorf("%s was not reached through the server on the way", kind)
		}
		try(database.Tunnel{Server: "ann@" + stranger.address, Key: key}, "is not in known_hosts")
		try(database.Tunnel{Server: "ann@" + far.address}, "no key to sign in with")
		try(database.Tunnel{Server: "ann@" + far.address, Key: known}, "holds no private key")
		try(database.Tunnel{Server: "ann:word@" + far.address, Key: key}, "takes no password")
		o.Address.Port = 1
		try(database.Tunnel{Server: "ann@" + far.address, Key: key}, "not the database from there")
	}
	// A server that shows another key than it used to is not spoken to.
	if err := os.WriteFile(known, []byte(knownhosts.Line([]string{far.address}, jump.host)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, database.Postgres)
	o := h.opts
	o.Login.Home, o.Login.Tunnel = home, &database.Tunnel{Server: "ann@" + far.address, Key: key}
	if _, err := database.OpenServer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another one than known_hosts has") {
		t.Errorf("%v", err)
	}
}
