// Package vault keeps secrets in the operating system's keychain: macOS
// Keychain, Windows Credential Manager, Secret Service. A secret exists there
// and in memory only. Where there is no keychain it can be kept in memory
// until the program ends; it is never written to a file.
package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring" // the given keychain library: MIT, all three systems
)

// service is the keychain entry's service name.
const service = "Syncline"

// chunk is the most of a secret that one entry holds: Windows allows 2,560
// bytes with the head's, macOS about 3,000.
const chunk = 2000

// patience is how long a keychain may take: a locked one asks the user.
const patience = 60 * time.Second

// Keychain is where entries are kept. Its methods return ErrNotFound for an
// entry that is not there.
type Keychain interface {
	Set(service, name, secret string) error
	Get(service, name string) (string, error)
	Delete(service, name string) error
}

// system is the operating system's keychain.
type system struct{}

func (system) Set(service, name, secret string) error   { return keyring.Set(service, name, secret) }
func (system) Get(service, name string) (string, error) { return keyring.Get(service, name) }
func (system) Delete(service, name string) error        { return keyring.Delete(service, name) }

// The errors that a person can do something about.
var (
	// ErrNotFound: there is no such secret.
	ErrNotFound = errors.New("there is no stored secret for this connection: sign in again")
	// ErrUnavailable: the system has no keychain, or it can't be reached.
	ErrUnavailable = errors.New("this system's keychain can't be used")
	// ErrLocked: the keychain is locked. ErrDenied and ErrTimeout are kinds of it.
	ErrLocked = errors.New("the keychain is locked: unlock it and try again")
	// ErrDenied: the person, or the system, did not let Syncline in.
	ErrDenied error = &kind{"the keychain did not let Syncline in: allow it when the system asks, and try again", ErrLocked}
	// ErrTimeout: the keychain did not answer, or waits for a person.
	ErrTimeout error = &kind{"the keychain did not answer: look for a window of the system that asks for its password, and try again", ErrLocked}
)

// kind is an error that is a kind of another.
type kind struct {
	msg  string
	kind error
}

func (k *kind) Error() string        { return k.msg }
func (k *kind) Is(target error) bool { return target == k.kind }

// MayKeep reports that a secret was not stored for the keychain's sake, so that
// keeping it in memory until the program ends is a way out.
func MayKeep(err error) bool { return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrLocked) }

// Vault keeps secrets by name. Its methods may be called by several
// goroutines; they can wait for the user and must not run on the window's
// thread.
type Vault struct {
	// Tell, if set, is called with every secret that passes through, so that it
	// can be kept out of logs. Set it before the vault is used.
	Tell func(secret string)

	keychain Keychain
	mu       sync.Mutex
	calls    sync.Mutex        // keychains dislike concurrent prompts
	memory   map[string]string // secrets kept until the program ends
	patience time.Duration
}

// New returns a vault on the system's keychain.
func New() *Vault { return On(system{}) }

// On returns a vault on another keychain.
func On(k Keychain) *Vault {
	return &Vault{keychain: k, memory: make(map[string]string), patience: patience}
}

// Set keeps a secret in the keychain, in parts when it is long. It takes
// effect at once or not at all: the parts of a new secret stand beside the old
// ones until the first entry, which says whose parts count, is replaced.
func (v *Vault) Set(ctx context.Context, name, secret string) error {
	if secret == "" {
		return errors.New("an empty secret can't be kept")
	}
	v.tell(secret)
	old, err := v.head(ctx, name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	parts := split(secret)
	now := head{generation: 1 - old.generation, parts: len(parts), sum: sum(secret), first: parts[0]}
	for i := 1; i < len(parts); i++ {
		if err := v.set(ctx, entry(name, now.generation, i), parts[i]); err != nil {
			return err
		}
	}
	if err := v.set(ctx, name, now.String()); err != nil {
		return err
	}
	v.mu.Lock()
	delete(v.memory, name)
	v.mu.Unlock()
	// What is left over is of no use to anybody, and is swept the next time if
	// it can't be now.
	_ = v.sweep(ctx, name, old.generation, 1)
	_ = v.sweep(ctx, name, now.generation, now.parts)
	return nil
}

// Keep holds a secret in memory until the program ends.
func (v *Vault) Keep(name, secret string) {
	v.tell(secret)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.memory[name] = secret
}

// InMemory reports that a secret is held in memory only.
func (v *Vault) InMemory(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.memory[name]
	return ok
}

// Get returns a secret, or ErrNotFound.
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	v.mu.Lock()
	secret, ok := v.memory[name]
	v.mu.Unlock()
	if ok {
		return secret, nil
	}
	h, err := v.head(ctx, name)
	if err != nil {
		return "", err
	}
	whole := h.first
	for i := 1; i < h.parts; i++ {
		part, err := v.get(ctx, entry(name, h.generation, i))
		if err != nil {
			return "", err
		}
		whole += part
	}
	if sum(whole) != h.sum {
		return "", fmt.Errorf("%w (the stored one is damaged)", ErrNotFound)
	}
	v.tell(whole)
	return whole, nil
}

func (v *Vault) tell(secret string) {
	if v.Tell != nil {
		v.Tell(secret)
	}
}

// Delete removes a secret; one that is not there is no error.
func (v *Vault) Delete(ctx context.Context, name string) error {
	v.mu.Lock()
	delete(v.memory, name)
	v.mu.Unlock()
	// The first entry goes last: with it, what was cut off can be repeated.
	for generation := range 2 {
		if err := v.sweep(ctx, name, generation, 1); err != nil {
			return err
		}
	}
	return v.delete(ctx, name)
}

// head is the first entry of a secret.
type head struct {
	generation int // 0 or 1: which of the parts are this secret's
	parts      int // with the first
	sum        string
	first      string
}

func (h head) String() string {
	return fmt.Sprintf("%d:%d:%s:%s", h.generation, h.parts, h.sum, h.first)
}

// head reads the first entry of a secret. One that can't be read counts as
// missing: it is replaced by the next.
func (v *Vault) head(ctx context.Context, name string) (head, error) {
	text, err := v.get(ctx, name)
	if err != nil {
		return head{}, err
	}
	f := strings.SplitN(text, ":", 4)
	if len(f) != 4 {
		return head{}, ErrNotFound
	}
	generation, gerr := strconv.Atoi(f[0])
	parts, perr := strconv.Atoi(f[1])
	if gerr != nil || perr != nil || generation < 0 || generation > 1 || parts < 1 {
		return head{}, ErrNotFound
	}
	return head{generation, parts, f[2], f[3]}, nil
}

// sweep deletes the parts of a generation from one on. They stand without a
// gap, and the last goes first, so that what was cut off is found again.
func (v *Vault) sweep(ctx context.Context, name string, generation, from int) error {
	last := from
	for ; ; last++ {
		_, err := v.get(ctx, entry(name, generation, last))
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return err
		}
	}
	for last--; last >= from; last-- {
		if err := v.delete(ctx, entry(name, generation, last)); err != nil {
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

// sum tells a secret from a mixture of two.
func sum(secret string) string {
	all := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(all[:8])
}

func entry(name string, generation, part int) string {
	return fmt.Sprintf("%s#%c%d", name, 'a'+rune(generation), part)
}

func (v *Vault) set(ctx context.Context, name, value string) error {
	return v.call(ctx, func() error { return v.keychain.Set(service, name, value) })
}

func (v *Vault) get(ctx context.Context, name string) (string, error) {
	found := make(chan string, 1) // an abandoned call must not write to what was returned
	err := v.call(ctx, func() error {
		value, err := v.keychain.Get(service, name)
		found <- value
		return err
	})
	if err != nil {
		return "", err
	}
	return <-found, nil
}

func (v *Vault) delete(ctx context.Context, name string) error {
	err := v.call(ctx, func() error { return v.keychain.Delete(service, name) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
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
		return ErrTimeout
	case <-ctx.Done():
		return ctx.Err()
	}
}

// explain maps the library's errors, most of which have no type, to ours. The
// secret is never part of them.
func explain(err error) error {
	if err == nil {
		return nil
	}
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(strings.ToLower(err.Error()), w) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, keyring.ErrNotFound), errors.Is(err, ErrNotFound):
		return ErrNotFound
	case says("denied", "dismissed", "canceled", "cancelled", "not allowed"):
		return fmt.Errorf("%w (%w)", ErrDenied, err)
	case says("unlock", "locked", "user interaction"):
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	case says("noreply", "did not receive a reply", "timed out", "timeout"):
		return fmt.Errorf("%w (%w)", ErrTimeout, err)
	}
	return fmt.Errorf("%w (%w)", ErrUnavailable, err)
}
