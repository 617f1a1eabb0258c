package vault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

func TestSecretsComeBackWhateverTheirLength(t *testing.T) {
	keyring.MockInit()
	v := New()
	ctx := context.Background()
	for _, n := range []int{1, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
		secret := strings.Repeat("s", n-1) + ":"
		if err := v.Set(ctx, "a", secret); err != nil {
			t.Fatal(err)
		}
		got, err := v.Get(ctx, "a")
		if err != nil || got != secret {
			t.Errorf("a secret of %d bytes came back with %d: %v", n, len(got), err)
		}
		if err := v.Delete(ctx, "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a deleted secret gave %v", err)
		}
	}
}

func TestWithoutAKeychainASecretCanBeKeptInMemory(t *testing.T) {
	keyring.MockInitWithError(errors.New("The name org.freedesktop.secrets was not provided by any .service files"))
	v := New()
	ctx := context.Background()
	if err := v.Set(ctx, "a", "secret"); !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "secret\"") {
		t.Fatalf("got %v, want ErrUnavailable", err)
	}
	v.Keep("a", "secret")
	if got, err := v.Get(ctx, "a"); err != nil || got != "secret" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestALockedKeychainIsSaidToBeLocked(t *testing.T) {
	keyring.MockInitWithError(errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"))
	_, err := New().Get(context.Background(), "a")
	if !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func TestAKeychainThatNeverAnswersIsGivenUp(t *testing.T) {
	v := New()
	v.patience = time.Millisecond
	hold := make(chan struct{})
	defer close(hold)
	err := v.call(context.Background(), func() error { <-hold; return nil })
	if !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}
