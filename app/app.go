// Package app holds what a person does with Syncline, without a screen:
// connect a portal, preview a sync, run it, decide conflicts, undo. The window
// and the command line call the same functions.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"syncline/app/auth"
	"syncline/app/logbook"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// Set by the linker: the version, and the HubSpot app that a build may carry. A
// secret that is inside a program is none, so that people's own apps come first.
var (
	Version             = "0.1.0-dev"
	DefaultClientID     string
	DefaultClientSecret string
)

// Environment is what the process was given from outside.
type Environment struct {
	Token        string // SYNCLINE_TOKEN: for this process, never stored
	APIURL       string // SYNCLINE_API_URL: another host than HubSpot's
	AuthorizeURL string // SYNCLINE_AUTHORIZE_URL
	Workspace    string // SYNCLINE_WORKSPACE or --workspace
	// Credentials are SYNCLINE_CLIENT_ID and SYNCLINE_CLIENT_SECRET: the HubSpot
	// app to sign in with.
	Credentials hubspot.OAuthApp

	// SourcePassword is SYNCLINE_SOURCE_PASSWORD: of the database, for this process, never stored.
	SourcePassword string

	// SourceToken and SourceAPIURL are SYNCLINE_SOURCE_TOKEN and SYNCLINE_SOURCE_API_URL: of a portal
	// that is the source of a sync, for this process, never stored.
	SourceToken, SourceAPIURL string

	// Config is the folder for what is kept outside of the workspace; "" is the user's.
	Config string
	// Keychain keeps the secrets; nil means the system's.
	Keychain vault.Keychain
	// Transport carries the requests to HubSpot; nil means the network.
	Transport hubspot.Transport
	// PracticeLimits are those of the workspace's practice portal; zero is HubSpot's. Tests of
	// what is not about calls take others, since they would wait for the next ten seconds.
	PracticeLimits practice.Limits
	// Browse opens the browser; nil means the system's.
	Browse func(address string) error
	// Ports are those on which the sign-in waits for the browser, in order; nil
	// means those of auth.RedirectURLs.
	Ports []int
}

// EnvironmentOf reads the variables with the given look-up.
func EnvironmentOf(getenv func(string) string) Environment {
	return Environment{Token: getenv("SYNCLINE_TOKEN"), APIURL: getenv("SYNCLINE_API_URL"),
		AuthorizeURL: getenv("SYNCLINE_AUTHORIZE_URL"), Workspace: getenv("SYNCLINE_WORKSPACE"),
		SourceToken: getenv("SYNCLINE_SOURCE_TOKEN"), SourceAPIURL: getenv("SYNCLINE_SOURCE_API_URL"),
		SourcePassword: getenv("SYNCLINE_SOURCE_PASSWORD"),
		Credentials:    hubspot.OAuthApp{ClientID: getenv("SYNCLINE_CLIENT_ID"), ClientSecret: getenv("SYNCLINE_CLIENT_SECRET")}}
}

// App is an open workspace with the portals that it is connected to. It is
// safe for concurrent use.
type App struct {
	Store *store.Store
	Vault *vault.Vault
	Book  *logbook.Book // the log; each secret that comes into the process is made known to it
	Env   Environment

	log      *slog.Logger
	started  time.Time
	mu       sync.Mutex
	jobs     jobs
	practice *practicePortal
	receiver receiver                    // of webhooks
	host     string                      // that the token of the environment works with, "" before it was tried
	limiters map[string]*hubspot.Limiter // by connection: clients of one token share its limits
	tokens   map[string]*auth.Tokens     // by connection: clients share its access tokens

	stopTidying func()        // and waits until it has stopped
	tidyNow     chan struct{} // the rules have changed
}

// DefaultWorkspace is the per-user data folder.
func DefaultWorkspace() (string, error) {
	if runtime.GOOS == "linux" {
		if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
			return filepath.Join(dir, "syncline"), nil
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("there is no home folder for the workspace: name one with --workspace: %w", err)
		}
		return filepath.Join(home, ".local", "share", "syncline"), nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for the workspace: name one with --workspace: %w", err)
	}
	return filepath.Join(dir, "Syncline"), nil
}

// Open opens the workspace that the environment names, or the user's own.
func Open(ctx context.Context, env Environment) (*App, error) {
	dir := env.Workspace
	if dir == "" {
		var err error
		if dir, err = DefaultWorkspace(); err != nil {
			return nil, err
		}
	}
	s, err := store.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	secrets := vault.New()
	if env.Keychain != nil {
		secrets = vault.On(env.Keychain)
	}
	book, err := logbook.Open(filepath.Join(s.Dir(), logFolder))
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	secrets.Tell = book.Hide
	a := &App{Store: s, Vault: secrets, Book: book, Env: env, limiters: make(map[string]*hubspot.Limiter), tokens: make(map[string]*auth.Tokens)}
	a.begin()
	a.startTidying()
	return a, nil
}

// Close stops what is under way and closes the workspace.
func (a *App) Close() error {
	a.StopAll()
	a.stopReceiving()
	a.stopTidying()
	err := errors.Join(a.closePractice(), a.Store.Close())
	a.end(err)
	return err
}

// person is who uses the program, for the history.
func person() string {
	if u, err := user.Current(); err == nil {
		if u.Name != "" {
			return u.Name
		}
		return u.Username
	}
	return ""
}

// userAgent names the program to HubSpot.
func userAgent() string {
	return fmt.Sprintf("Syncline/%s (%s; %s)", Version, runtime.GOOS, runtime.GOARCH)
}
