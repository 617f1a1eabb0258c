package database

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh" // the Go project's own: BSD
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"syncline/sync/plainfile"
)

// Tunnel is an SSH server through which a database is reached. It holds no
// secret: the sign-in is by the agent's keys or by a key file.
type Tunnel struct {
	Server string `json:"server"`         // user@host:port
	Key    string `json:"key,omitempty"`  // a key file; "" is the agent, and the usual files
	Jump   string `json:"jump,omitempty"` // user@host:port of a server on the way to it, "" is none
}

// ParseTunnel reads what TunnelText wrote; "" is no tunnel.
func ParseTunnel(text string) (*Tunnel, error) {
	if text == "" {
		return nil, nil
	}
	t := &Tunnel{}
	if err := json.Unmarshal([]byte(text), t); err != nil {
		return nil, fmt.Errorf("the SSH server of the connection can't be read: %w", err)
	}
	err := t.Check()
	return t, err
}

// TunnelText is a tunnel as it is kept, "" for none.
func TunnelText(t *Tunnel) string {
	if t == nil {
		return ""
	}
	text, err := json.Marshal(t)
	if err != nil {
		return ""
	}
	return string(text)
}

// Check says what is wrong with a tunnel.
func (t *Tunnel) Check() error {
	for _, server := range []string{t.Server, t.Jump} {
		if server == "" && t.Server != "" {
			continue
		}
		if _, _, err := splitServer(server); err != nil {
			return err
		}
	}
	return nil
}

// splitServer reads user@host:port.
func splitServer(text string) (user, address string, err error) {
	user, host, ok := strings.Cut(text, "@")
	if !ok || user == "" || host == "" || strings.ContainsAny(user, ":/") {
		return "", "", fmt.Errorf("the SSH server %q is not written as user@host or user@host:port; it takes no password", host)
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), "22")
	}
	return user, host, nil
}

// tunnel is an SSH connection that is made when it is first needed.
type tunnel struct {
	t     Tunnel
	login Login

	mu      sync.Mutex
	clients []*ssh.Client // the jump host first
}

// dial reaches an address from the far end.
func (t *tunnel) dial(ctx context.Context, network, address string) (net.Conn, error) {
	client, err := t.client(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := client.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("the SSH server %s is reached, but not the database from there: %w", t.t.Server, err)
	}
	return conn, nil
}

// client is the connection to the far end; one that broke is made anew.
func (t *tunnel) client(ctx context.Context) (*ssh.Client, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.clients); n > 0 {
		if _, _, err := t.clients[n-1].SendRequest("keepalive@openssh.com", true, nil); err == nil {
			return t.clients[n-1], nil
		}
		t.shut()
	}
	hops := []string{t.t.Server}
	if t.t.Jump != "" {
		hops = []string{t.t.Jump, t.t.Server}
	}
	for _, hop := range hops {
		if err := t.hop(ctx, hop); err != nil {
			t.shut()
			return nil, fmt.Errorf("the SSH server %s: %w", hop, err)
		}
	}
	return t.clients[len(t.clients)-1], nil
}

// hop connects one server, from the one before it.
func (t *tunnel) hop(ctx context.Context, server string) error {
	user, address, err := splitServer(server)
	if err != nil {
		return err
	}
	cfg, end, err := t.config(user, address)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var conn net.Conn
	if n := len(t.clients); n > 0 {
		conn, err = t.clients[n-1].DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return fmt.Errorf("it can't be reached: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c, channels, requests, err := ssh.NewClientConn(conn, address, cfg)
	if err != nil {
		return errors.Join(explainSSH(err), conn.Close())
	}
	t.clients = append(t.clients, ssh.NewClient(c, channels, requests))
	return nil
}

// explainSSH puts an error of the handshake into a sentence.
func explainSSH(err error) error {
	var unknown *knownhosts.KeyError
	switch {
	case errors.As(err, &unknown) && len(unknown.Want) > 0:
		return errors.New("its key is another one than known_hosts has. Somebody may stand in between; ask its administrator before you change known_hosts")
	case errors.As(err, &unknown):
		return errors.New("its key is not in known_hosts. Sign in to it once with ssh, and compare the fingerprint that it shows")
	case strings.Contains(err.Error(), "unable to authenticate"):
		return errors.New("it takes none of the keys that are offered. Add the key to the agent (ssh-add), or name its file")
	}
	return err
}

// config is how one server is signed in to. end lets go of the agent.
func (t *tunnel) config(user, address string) (cfg *ssh.ClientConfig, end func(), err error) {
	home := t.login.Home
	if home == "" {
		if home, err = os.UserHomeDir(); err != nil {
			return nil, nil, err
		}
	}
	known, err := knownhosts.New(filepath.Join(home, ".ssh", "known_hosts"))
	if err != nil {
		return nil, nil, errors.New("there is no ~/.ssh/known_hosts to know it by. Sign in to it once with ssh, and compare the fingerprint that it shows")
	}
	signers, end, err := t.signers(home)
	if err != nil {
		return nil, nil, err
	}
	return &ssh.ClientConfig{User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(signers...)}, HostKeyCallback: known,
		HostKeyAlgorithms: knownAlgorithms(known, address), Timeout: connectTimeout}, end, nil
}

// knownAlgorithms are those of the keys that known_hosts has of a server, so that it
// does not show another one.
func knownAlgorithms(known ssh.HostKeyCallback, address string) []string {
	var wanted *knownhosts.KeyError
	if err := known(address, &net.TCPAddr{IP: net.IPv4zero}, noKey{}); !errors.As(err, &wanted) {
		return nil
	}
	var all []string
	for _, k := range wanted.Want {
		if k.Key.Type() == ssh.KeyAlgoRSA {
			all = append(all, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		}
		all = append(all, k.Key.Type())
	}
	return all
}

// noKey is a key that no server has.
type noKey struct{}

// Type implements ssh.PublicKey.
func (noKey) Type() string { return "none" }

// Marshal implements ssh.PublicKey.
func (noKey) Marshal() []byte { return []byte("none") }

// Verify implements ssh.PublicKey.
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("it is no key") }

// signers are the keys to offer: that of the file which is named, or those of the agent and
// of the usual files.
func (t *tunnel) signers(home string) (all []ssh.Signer, end func(), err error) {
	end = func() {}
	if t.t.Key != "" {
		key, err := readKey(t.t.Key)
		return []ssh.Signer{key}, end, err
	}
	getenv := t.login.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if socket := getenv("SSH_AUTH_SOCK"); socket != "" {
		if conn, err := net.Dial("unix", socket); err == nil {
			end = func() { _ = conn.Close() }
			if all, err = agent.NewClient(conn).Signers(); err != nil {
				all = nil
			}
		}
	}
	for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
		if key, err := readKey(filepath.Join(home, ".ssh", name)); err == nil {
			all = append(all, key)
		}
	}
	if len(all) == 0 {
		return nil, end, errors.New("there is no key to sign in with: add one to the agent (ssh-add), or name its file")
	}
	return all, end, nil
}

// maxKey bounds a key file.
const maxKey = 1 << 20

func readKey(path string) (ssh.Signer, error) {
	text, err := plainfile.Read(path, maxKey)
	if err != nil {
		return nil, fmt.Errorf("the key file %s can't be read: %w", path, err)
	}
	key, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, fmt.Errorf("the key file %s has a passphrase: add the key to the agent (ssh-add), which asks for it", path)
	case err != nil:
		return nil, fmt.Errorf("the key file %s holds no private key", path)
	}
	return key, nil
}

// close ends the connections, the far end first.
func (t *tunnel) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut()
}

func (t *tunnel) shut() {
	for i := len(t.clients) - 1; i >= 0; i-- {
		_ = t.clients[i].Close() // it may have broken
	}
	t.clients = nil
}
