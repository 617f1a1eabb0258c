// Package vault keeps secrets in the operating system's keychain: macOS
// Keychain, Windows Credential Manager, Secret Service. A secret exists there
// and in memory only. Where there is no keychain it can be kept in memory
// until the program ends; it is never written to a file.
package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring" // the given keychain library: MIT, all three systems
)

// service is the keychain entry's service name.
const service = "Syncline"

// chunk is the most that one entry holds: Windows allows 2,560 bytes, macOS
// about 3,000.
const chunk = 2000

// patience is how long a keychain may take: a locked one asks the user.
const patience = 60 * time.Second

// The errors that a person can do something about.
var (
	// ErrNotFound: there is no such secret.
	ErrNotFound = errors.New("there is no stored secret for this connection: sign in again")
	// ErrUnavailable: the system has no keychain, or it does not answer.
	ErrUnavailable = errors.New("this system's keychain can't be used")
	// ErrLocked: the keychain is locked, or access was denied.
	ErrLocked = errors.New("the keychain is locked: unlock it and try again")
)

// Vault keeps secrets by name. Its methods may be called by several
// goroutines; they can wait for the user and must not run on the window's
// thread.
type Vault struct {
	mu       sync.Mutex
	calls    sync.Mutex        // keychains dislike concurrent prompts
	memory   map[string]string // secrets kept until the program ends
	patience time.Duration
}

// New returns a vault on the system's keychain.
func New() *Vault {
	return &Vault{memory: make(map[string]string), patience: patience}
}

// Set keeps a secret in the keychain, in parts when it is long.
func (v *Vault) Set(ctx context.Context, name, secret string) error {
	if secret == "" {
		return errors.New("an empty secret can't be kept")
	}
	parts := split(secret)
	for i, part := range parts {
		value := part
		if i == 0 {
			value = fmt.Sprintf("%d:%s", len(parts), part)
		}
		if err := v.call(ctx, func() error { return keyring.Set(service, entry(name, i), value) }); err != nil {
			return err
		}
	}
	v.mu.Lock()
	delete(v.memory, name)
	v.mu.Unlock()
	return nil
}

// Keep holds a secret in memory until the program ends.
func (v *Vault) Keep(name, secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.memory[name] = secret
}

// Get returns a secret, or ErrNotFound.
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	v.mu.Lock()
	secret, ok := v.memory[name]
	v.mu.Unlock()
	if ok {
		return secret, nil
	}
	var first string
	err := v.call(ctx, func() (err error) { first, err = keyring.Get(service, entry(name, 0)); return err })
	if err != nil {
		return "", err
	}
	n, whole, ok := count(first)
	if !ok {
		return "", ErrNotFound
	}
	for i := 1; i < n; i++ {
		var part string
		err := v.call(ctx, func() (err error) { part, err = keyring.Get(service, entry(name, i)); return err })
		if err != nil {
			return "", err
		}
		whole += part
	}
	return whole, nil
}

// Delete removes a secret; one that is not there is no error.
func (v *Vault) Delete(ctx context.Context, name string) error {
	v.mu.Lock()
	delete(v.memory, name)
	v.mu.Unlock()
	var first string
	err := v.call(ctx, func() (err error) { first, err = keyring.Get(service, entry(name, 0)); return err })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, _, _ := count(first)
	for i := max(n, 1) - 1; i >= 0; i-- {
		err := v.call(ctx, func() error { return keyring.Delete(service, entry(name, i)) })
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

func split(secret string) []string {
	var parts []string
	for len(secret) > chunk {
		parts, secret = append(parts, secret[:chunk]), secret[chunk:]
	}
	return append(parts, secret)
}

func entry(name string, part int) string {
	if part == 0 {
		return name
	}
	return fmt.Sprintf("%s#%d", name, part)
}

func count(first string) (n int, rest string, ok bool) {
	head, rest, ok := strings.Cut(first, ":")
	if !ok {
		return 0, "", false
	}
	_, err := fmt.Sscanf(head, "%d", &n)
	return n, rest, err == nil && n > 0
}

// call runs one keychain operation with a limit: a locked keychain may wait
// for a prompt for ever. An abandoned call ends when the prompt does.
func (v *Vault) call(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() {
		v.calls.Lock()
		defer v.calls.Unlock()
		done <- f()
	}()
	limit := time.NewTimer(v.patience)
	defer limit.Stop()
	select {
	case err := <-done:
		return explain(err)
	case <-limit.C:
		return fmt.Errorf("%w: it did not answer within %s", ErrLocked, v.patience)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// explain maps the library's errors, most of which have no type, to ours. The
// secret is never part of them.
func explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case strings.Contains(err.Error(), "unlock"), strings.Contains(err.Error(), "locked"), strings.Contains(err.Error(), "denied"), strings.Contains(err.Error(), "dismissed"):
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return fmt.Errorf("%w (%w)", ErrUnavailable, err)
}
