package vaulttest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Session starts a private D-Bus session with an unlocked gnome-keyring, which
// ends with the test, and returns the environment of programs that shall use
// its Secret Service. Without the programs the test is skipped, or fails where
// SYNCLINE_REQUIRE_KEYRING is set.
func Session(t testing.TB) (env []string) {
	t.Helper()
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("SYNCLINE_REQUIRE_KEYRING") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	dir, err := os.MkdirTemp("", "keyring") //nolint:usetesting // a test's own folder may be too deep for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	env = []string{"HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"), "XDG_RUNTIME_DIR=" + dir, "PATH=" + os.Getenv("PATH")}
	session := exec.Command("dbus-run-session", "--", "sh", "-c",
		`printf '\n' | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1 && echo "$DBUS_SESSION_BUS_ADDRESS" && exec cat >/dev/null`)
	session.Env = env
	hold, err := session.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hold.Close()
		if err := session.Wait(); err != nil {
			t.Error(err)
		}
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the session's keyring did not start: %v", err)
	}
	return append(env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
}
