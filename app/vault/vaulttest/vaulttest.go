// Package vaulttest is a keychain for tests: it lives in memory and can be
// made to fail.
package vaulttest

import (
	"maps"
	"sync"

	"syncline/app/vault"
)

// Keychain keeps entries in memory. The zero one is empty and ready. It is
// safe for concurrent use.
type Keychain struct {
	mu      sync.Mutex
	entries map[string]string
	fail    func(op, name string) error
}

// Fail makes operations fail for which f returns an error; op is "set", "get"
// or "delete". nil ends it.
func (k *Keychain) Fail(f func(op, name string) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = f
}

// Entries returns a copy of what is kept, by name.
func (k *Keychain) Entries() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.entries)
}

func (k *Keychain) enter(op, name string) error {
	k.mu.Lock()
	if k.entries == nil {
		k.entries = make(map[string]string)
	}
	if k.fail == nil {
		return nil
	}
	return k.fail(op, name)
}

// Set implements [vault.Keychain].
func (k *Keychain) Set(_, name, secret string) error {
	err := k.enter("set", name)
	defer k.mu.Unlock()
	if err == nil {
		k.entries[name] = secret
	}
	return err
}

// Get implements [vault.Keychain].
func (k *Keychain) Get(_, name string) (string, error) {
	err := k.enter("get", name)
	defer k.mu.Unlock()
	if err != nil {
		return "", err
	}
	secret, ok := k.entries[name]
	if !ok {
		return "", vault.ErrNotFound
	}
	return secret, nil
}

// Delete implements [vault.Keychain].
func (k *Keychain) Delete(_, name string) error {
	err := k.enter("delete", name)
	defer k.mu.Unlock()
	if err != nil {
		return err
	}
	if _, ok := k.entries[name]; !ok {
		return vault.ErrNotFound
	}
	delete(k.entries, name)
	return nil
}
