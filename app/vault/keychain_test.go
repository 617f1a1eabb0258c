package vault_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
)

// long is a secret of n entries and some more.
func long(letter string, n int) string { return strings.Repeat(letter, 2000*n+7) }

func TestAShorterSecretLeavesNoPartsOfTheLongerOne(t *testing.T) {
	t.Parallel()
	k := &vaulttest.Keychain{}
	v := vault.On(k)
	for _, n := range []int{4, 1, 0, 3, 3, 0} {
		if err := v.Set(t.Context(), "a", long("x", n)); err != nil {
			t.Fatal(err)
		}
		if got := len(k.Entries()); got != n+1 {
			t.Errorf("a secret of %d parts has %d entries", n+1, got)
		}
	}
	if err := v.Delete(t.Context(), "a"); err != nil || len(k.Entries()) > 0 {
		t.Errorf("left: %d entries, %v", len(k.Entries()), err)
	}
}

var errKilled = errors.New("the process was killed")

// The process ends after any number of keychain operations: what is there
// afterwards is the old secret or the new one, whole, and the next one cleans up.
func TestASecretIsReplacedAtOnceOrNotAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := &vaulttest.Keychain{}
		ctx := t.Context()
		parts := rapid.IntRange(0, 4)
		current := map[string]bool{"": true}
		for step := range rapid.IntRange(1, 6).Draw(t, "steps") {
			left := rapid.IntRange(0, 14).Draw(t, "operations")
			k.Fail(func(op, _ string) error {
				if op == "get" {
					return nil
				}
				if left--; left < 0 {
					return errKilled
				}
				return nil
			})
			secret := ""
			var err error
			if rapid.Bool().Draw(t, "set") {
				secret = long(string(rune('a'+step)), parts.Draw(t, "parts"))
				err = vault.On(k).Set(ctx, "s", secret)
			} else {
				err = vault.On(k).Delete(ctx, "s")
			}
			k.Fail(nil)
			if err == nil {
				clear(current)
			}
			current[secret] = true
			got, err := vault.On(k).Get(ctx, "s")
			if err != nil && !errors.Is(err, vault.ErrNotFound) {
				t.Fatal(err)
			}
			// A deletion that was cut off may have taken parts; the secret is gone then.
			if err == nil && !current[got] {
				t.Fatalf("a secret that nobody set: %d bytes", len(got))
			}
			if err != nil && !current[""] {
				t.Fatalf("the secret is lost: %v", err)
			}
		}
		if err := vault.On(k).Set(ctx, "s", "short"); err != nil {
			t.Fatal(err)
		}
		if got, err := vault.On(k).Get(ctx, "s"); err != nil || got != "short" {
			t.Fatalf("got %q, %v", got, err)
		}
		if err := vault.On(k).Delete(ctx, "s"); err != nil || len(k.Entries()) > 0 {
			t.Fatalf("left: %d entries, %v", len(k.Entries()), err)
		}
	})
}

// Two processes that write at once may mix their parts; that is seen.
func TestAMixtureOfTwoSecretsIsNone(t *testing.T) {
	t.Parallel()
	k := &vaulttest.Keychain{}
	v := vault.On(k)
	if err := v.Set(t.Context(), "a", long("x", 2)); err != nil {
		t.Fatal(err)
	}
	for name := range k.Entries() {
		if strings.HasSuffix(name, "2") {
			if err := k.Set("Syncline", name, "yyyyyyy"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, err := v.Get(t.Context(), "a"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// What the systems say, as they say it, and what a person is told.
func TestWhatAKeychainSaysIsUnderstood(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'": vault.ErrLocked,
		"Cannot create an item in a locked collection":                                   vault.ErrLocked,
		"prompt dismissed":                 vault.ErrDenied,
		"Access is denied.":                vault.ErrDenied,
		"User interaction is not allowed.": vault.ErrDenied,
		"Did not receive a reply. Possible causes include: the remote application did not send a reply": vault.ErrTimeout,
		"The name org.freedesktop.secrets was not provided by any .service files":                       vault.ErrUnavailable,
		"dial unix /nonexistent: connect: no such file or directory":                                    vault.ErrUnavailable,
		"unsupported platform: plan9": vault.ErrUnavailable,
	} {
		k := &vaulttest.Keychain{}
		k.Fail(func(string, string) error { return errors.New(text) })
		v := vault.On(k)
		err := v.Set(t.Context(), "a", "the-secret")
		if !errors.Is(err, want) || !vault.MayKeep(err) || strings.Contains(err.Error(), "the-secret") {
			t.Errorf("%q became %v", text, err)
		}
		if _, err := v.Get(t.Context(), "a"); !errors.Is(err, want) {
			t.Errorf("%q became %v", text, err)
		}
		v.Keep("a", "the-secret")
		if got, err := v.Get(t.Context(), "a"); err != nil || got != "the-secret" || !v.InMemory("a") {
			t.Errorf("kept %q, %v", got, err)
		}
	}
	if vault.MayKeep(vault.ErrNotFound) || !errors.Is(vault.ErrDenied, vault.ErrLocked) || !errors.Is(vault.ErrTimeout, vault.ErrLocked) {
		t.Error("the kinds of errors are mixed up")
	}
}
