package app

import (
	"context"
	"errors"

	"syncline/app/vault"
)

// sourceSecret is the name of a source's secret in the vault: the password of
// a database, by its address. A sync that is pointed at another server, or that
// would send it less well guarded, does not get it.
func sourceSecret(ident string) string { return "source:" + ident }

// SetSourceSecret keeps a database's password in the keychain, or
// with keep in memory where the keychain can't.
func (a *App) SetSourceSecret(ctx context.Context, ident, secret string, keep bool) error {
	if ident == "" {
		return errors.New("a source's secret belongs to an address, and none is named")
	}
	err := a.Vault.Set(ctx, sourceSecret(ident), secret)
	if keep && vault.MayKeep(err) {
		a.Vault.Keep(sourceSecret(ident), secret)
		return nil
	}
	return err
}

// SourceSecret returns the password of a database. An error that is
// vault.ErrNotFound means that none was set.
func (a *App) SourceSecret(ctx context.Context, ident string) (string, error) {
	return a.Vault.Get(ctx, sourceSecret(ident))
}

// DeleteSourceSecret forgets the password of a database; none is no error.
func (a *App) DeleteSourceSecret(ctx context.Context, ident string) error {
	return a.Vault.Delete(ctx, sourceSecret(ident))
}
