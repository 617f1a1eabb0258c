package app

import (
	"testing"

	"syncline/app/vault/vaulttest"
	"syncline/sync/source/database"
)

// The password that was given for one address is not sent to another one, whatever
// a definition names.
func TestThePasswordOfADatabaseGoesToItsAddressOnly(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), Environment{Workspace: t.TempDir(), Keychain: &vaulttest.Keychain{}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	word := func(dsn string) string {
		t.Helper()
		address, err := database.ParseAddress("postgres", dsn)
		if err != nil {
			t.Fatal(err)
		}
		login, err := a.login(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		return login.Password
	}
	if err := a.SetSourceSecret(t.Context(), "postgres://app@127.0.0.1:5432/crm", "word", false); err != nil {
		t.Fatal(err)
	}
	if word("postgres://app@127.0.0.1:5432/crm") != "word" || word("postgresql://app@127.0.0.1:5432/crm?") != "word" {
		t.Error("its own address is not given the password")
	}
	for _, other := range []string{"postgres://app@evil.example.com:5432/crm", "postgres://app@127.0.0.1:5433/crm", "postgres://root@127.0.0.1:5432/crm", "postgres://app@127.0.0.1:5432/other",
		"postgres://app@127.0.0.1:5432/crm?sslmode=disable", "postgres://app@/crm?host=/tmp/evil"} {
		if word(other) != "" {
			t.Errorf("%s is given the password", other)
		}
	}
}
