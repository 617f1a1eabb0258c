// Package servertest starts real database servers for tests: PostgreSQL and
// MariaDB in a temporary folder, on a free loopback port, as an ordinary user.
// One of each serves all tests of a program, each of which gets a database of its
// own. Nothing of the system is touched.
package servertest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of database/sql that tests speak to MariaDB with
	_ "github.com/jackc/pgx/v5/stdlib" // and to PostgreSQL
)

// Password is that of the superuser of each server.
const Password = "Top-Swordfish"

// Server is a server that runs as long as the test program does.
type Server struct {
	Kind string // postgres or mysql
	User string // the superuser
	Port int

	dir     string
	process *exec.Cmd
	ended   chan struct{}
	made    atomic.Int64
	options []string // more ones of its program
}

var (
	running sync.Mutex
	servers = map[string]*Server{}
	broken  = map[string]error{}
)

// Main runs the tests of a package and stops the servers that they started.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop ends the servers.
func Stop() {
	running.Lock()
	defer running.Unlock()
	for _, s := range servers {
		s.stop()
	}
	clear(servers)
}

func (s *Server) stop() {
	_ = s.process.Process.Kill() // nothing in it outlives the tests
	<-s.ended
	_ = os.RemoveAll(s.dir)
}

// Postgres returns the PostgreSQL server of this test program. Without one the
// test is skipped, or fails where SYNCLINE_REQUIRE_DATABASES is set.
func Postgres(t testing.TB) *Server { return get(t, "postgres", startPostgres) }

// MariaDB returns the MariaDB server of this test program, in the same way.
func MariaDB(t testing.TB) *Server { return get(t, "mysql", startMariaDB) }

// Encrypted returns a server of a kind ("postgres" or "mysql") for this test alone,
// which shows a certificate (both in PEM).
func Encrypted(t testing.TB, kind string, certificate, key []byte) *Server {
	t.Helper()
	s := &Server{Kind: kind}
	start := map[string]func(*Server) error{"postgres": startPostgres, "mysql": startMariaDB}[kind]
	err := s.start(func(s *Server) error {
		files := []string{filepath.Join(s.dir, "certificate.pem"), filepath.Join(s.dir, "key.pem")}
		for i, text := range [][]byte{certificate, key} {
			if err := errors.Join(os.WriteFile(files[i], text, 0o600), s.own(files[i])); err != nil {
				return err
			}
		}
		if s.options = []string{"--ssl-cert=" + files[0], "--ssl-key=" + files[1]}; kind == "postgres" {
			s.options = []string{"-c", "ssl=on", "-c", "ssl_cert_file=" + files[0], "-c", "ssl_key_file=" + files[1]}
		}
		return start(s)
	})
	if errors.Is(err, errMissing) && os.Getenv("SYNCLINE_REQUIRE_DATABASES") == "" {
		t.Skipf("no %s server: %v", kind, err)
	}
	if err != nil {
		t.Fatalf("no %s server: %v", kind, err)
	}
	t.Cleanup(s.stop)
	return s
}

var errMissing = errors.New("it is not installed (Debian's packages postgresql and mariadb-server)")

func get(t testing.TB, kind string, start func(*Server) error) *Server {
	t.Helper()
	running.Lock()
	defer running.Unlock()
	if s := servers[kind]; s != nil {
		return s
	}
	err, known := broken[kind]
	if !known {
		s := &Server{Kind: kind}
		if err = s.start(start); err == nil {
			servers[kind] = s
			return s
		}
		broken[kind] = err
	}
	if errors.Is(err, errMissing) && os.Getenv("SYNCLINE_REQUIRE_DATABASES") == "" {
		t.Skipf("no %s server: %v", kind, err)
	}
	t.Fatalf("no %s server: %v", kind, err)
	return nil
}

func (s *Server) start(start func(*Server) error) (err error) {
	if runtime.GOOS == "windows" {
		return errMissing
	}
	if s.dir, err = os.MkdirTemp("", "syncline-"+s.Kind); err != nil {
		return err
	}
	if s.Port, err = freePort(); err != nil {
		return err
	}
	if err = s.own(s.dir); err == nil {
		err = start(s)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	return s.wait()
}

// own gives a file to the user that the server runs as.
func (s *Server) own(path string) error {
	uid, gid, other := ordinary()
	if !other {
		return nil
	}
	return os.Chown(path, uid, gid)
}

// ordinary is the user to run a server as where this one is root, which servers
// refuse.
func ordinary() (uid, gid int, other bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 65534, 65534, true
	}
	uid, _ = strconv.Atoi(nobody.Uid)
	gid, _ = strconv.Atoi(nobody.Gid)
	return uid, gid, true
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// program finds an installed program, the newest of several.
func program(patterns ...string) (string, error) {
	for _, p := range patterns {
		found, _ := filepath.Glob(p)
		slices.Sort(found)
		if len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", errMissing
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TMPDIR=" + s.dir}
	as(cmd)
	return cmd
}

func (s *Server) once(name string, args ...string) error {
	out, err := s.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out[max(0, len(out)-2000):])
	}
	return nil
}

func (s *Server) serve(name string, args ...string) error {
	s.process = s.command(name, append(args, s.options...)...)
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.process.Stdout, s.process.Stderr = log, log
	// A server ends with the thread that started it, which therefore has to stay.
	started := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := s.process.Start()
		started <- err
		if err == nil {
			_ = s.process.Wait() // its log tells
			close(s.ended)
		}
		select {}
	}()
	return <-started
}

func startPostgres(s *Server) error {
	initdb, err := program("/usr/lib/postgresql/*/bin/initdb", "/usr/bin/initdb", "/opt/homebrew/bin/initdb", "/usr/local/bin/initdb")
	if err != nil {
		return err
	}
	s.User = "postgres"
	word, data := filepath.Join(s.dir, "word"), filepath.Join(s.dir, "data")
	if err := os.WriteFile(word, []byte(Password+"\n"), 0o600); err != nil {
		return err
	}
	if err := s.own(word); err != nil {
		return err
	}
	if err := s.once(initdb, "-N", "-D", data, "-U", s.User, "-A", "scram-sha-256", "--pwfile="+word, "-E", "UTF8", "--locale=C"); err != nil {
		return err
	}
	return s.serve(filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-p", strconv.Itoa(s.Port), "-h", "127.0.0.1", "-k", s.dir, "-F",
		"-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
}

func startMariaDB(s *Server) error {
	install, err := program("/usr/bin/mariadb-install-db", "/usr/bin/mysql_install_db")
	if err != nil {
		return err
	}
	daemon, err := program("/usr/sbin/mariadbd", "/usr/sbin/mysqld")
	if err != nil {
		return err
	}
	s.User = "root"
	data := filepath.Join(s.dir, "data")
	if err := s.once(install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"); err != nil {
		return err
	}
	first := filepath.Join(s.dir, "first.sql")
	if err := os.WriteFile(first, []byte("ALTER USER 'root'@'localhost' IDENTIFIED BY '"+Password+"';\nCREATE OR REPLACE USER 'root'@'127.0.0.1' IDENTIFIED BY '"+Password+"';\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n"), 0o644); err != nil {
		return err
	}
	return s.serve(daemon, "--no-defaults", "--datadir="+data, "--port="+strconv.Itoa(s.Port), "--bind-address=127.0.0.1", "--socket="+filepath.Join(s.dir, "s"),
		"--pid-file="+filepath.Join(s.dir, "pid"), "--init-file="+first, "--skip-name-resolve", "--skip-log-bin", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0",
		"--innodb-flush-method=nosync", "--max-connections=100", "--character-set-server=utf8mb4")
}

// Socket is the folder (PostgreSQL) or file (MariaDB) of the server's socket.
func (s *Server) Socket() string {
	if s.Kind == "postgres" {
		return s.dir
	}
	return filepath.Join(s.dir, "s")
}

// wait waits until the server answers, or has ended.
func (s *Server) wait() error {
	for {
		db, err := s.open("")
		if err == nil {
			err = db.Ping()
			_ = db.Close()
		}
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server did not start: %w\n%s", err, log[max(0, len(log)-2000):])
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) open(name string) (*sql.DB, error) {
	if s.Kind == "postgres" {
		if name == "" {
			name = "postgres"
		}
		return sql.Open("pgx", fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", s.User, Password, s.Port, name))
	}
	return sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(127.0.0.1:%d)/%s?multiStatements=true&interpolateParams=true", s.User, Password, s.Port, name))
}

// Database makes an empty database for a test and returns its name and a
// connection of the superuser to it.
func (s *Server) Database(t testing.TB) (name string, db *sql.DB) {
	t.Helper()
	name = fmt.Sprintf("t%d", s.made.Add(1))
	top, err := s.open("")
	if err != nil {
		t.Fatal(err)
	}
	defer top.Close()
	if _, err := top.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	if db, err = s.open(name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return name, db
}

// DSN is the address of a database as a definition has it, for a user.
func (s *Server) DSN(user, name string) string {
	return fmt.Sprintf("%s://%s@127.0.0.1:%d/%s", s.Kind, user, s.Port, name)
}

// Exec carries out statements.
func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := db.ExecContext(context.Background(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}
