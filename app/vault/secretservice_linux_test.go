package vault_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
)

// inside says that this process is the child that talks to the real keychain:
// the library's stand-in, which other tests install, can't be taken out again.
const inside = "SYNCLINE_INSIDE_SESSION"

func TestARealSecretServiceKeepsSecrets(t *testing.T) {
	if os.Getenv(inside) != "" {
		useRealKeychain(t)
		return
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run", "^TestARealSecretServiceKeepsSecrets$", "-test.v")
	child.Env = append(vaulttest.Session(t), inside+"=1")
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

func useRealKeychain(t *testing.T) {
	v := vault.New()
	ctx := t.Context()
	if _, err := v.Get(ctx, "a"); !errors.Is(err, vault.ErrNotFound) {
		t.Fatalf("an empty keychain gave %v", err)
	}
	for _, secret := range []string{"short", strings.Repeat("long-", 3000), "ü:\"' \n€", "short"} {
		if err := v.Set(ctx, "a", secret); err != nil {
			t.Fatal(err)
		}
		// Another process has nothing in memory.
		if got, err := vault.New().Get(ctx, "a"); err != nil || got != secret {
			t.Errorf("%d bytes came back as %d: %v", len(secret), len(got), err)
		}
	}
	if err := v.Delete(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get(ctx, "a"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("a deleted secret gave %v", err)
	}
}

func TestWithoutASessionThereIsNoKeychain(t *testing.T) {
	if os.Getenv(inside) != "" {
		if _, err := vault.New().Get(t.Context(), "a"); !errors.Is(err, vault.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		return
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self, "-test.run", "^TestWithoutASessionThereIsNoKeychain$", "-test.v")
	child.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "DBUS_SESSION_BUS_ADDRESS=") }),
		inside+"=1", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
