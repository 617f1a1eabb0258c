package command_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"syncline/app/command"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
)

// signed is the report's document, as outsiders read it.
type signed struct {
	Run    string
	Inputs struct {
		SourceSHA256     string `json:"source_sha256"`
		Definition       string
		DefinitionSHA256 string `json:"definition_sha256"`
	}
	Plan struct {
		Hash   string
		Intact string
	}
	Counts  map[string]int
	AddUp   string `json:"counts_add_up"`
	Changes []struct {
		Key, Property, Reason, By string
		Before, After             *string
	}
	Signature struct {
		PublicKey   string `json:"public_key"`
		Fingerprint string
		SHA256      string
		Value       string `json:"signature"`
		NotSigned   string `json:"not_signed"`
	}
}

// with carries out a command with a keychain.
func (d *desk) with(keychain *vaulttest.Keychain, args ...string) said {
	d.t.Helper()
	var out, err bytes.Buffer
	env := map[string]string{"SYNCLINE_TOKEN": d.token, "SYNCLINE_API_URL": d.url, "SYNCLINE_WORKSPACE": d.path("workspace")}
	status := command.Run(args, command.IO{In: strings.NewReader(""), Out: &out, Err: &err, Keychain: keychain, Getenv: func(k string) string { return env[k] }})
	return said{status: status, out: out.String(), err: err.String()}
}

func TestAReportIsSignedAndAStrangerCanCheckIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", twoCustomers+"3,<script>@x,<img src=x onerror=1>,=cmd\u202e\n")
	source := sha256.Sum256([]byte(d.read("customers.csv")))
	run := d.run().report.Run
	keychain := &vaulttest.Keychain{}

	text := d.with(keychain, "report", run, "--json").out
	var doc signed
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	definition := sha256.Sum256([]byte(doc.Inputs.Definition))
	if doc.Run != run || doc.Inputs.SourceSHA256 != hex.EncodeToString(source[:]) || doc.Inputs.DefinitionSHA256 != hex.EncodeToString(definition[:]) || len(doc.Plan.Hash) != 64 || doc.Plan.Intact != "yes" || doc.AddUp != "yes" {
		t.Errorf("the inputs are not those that were read: %+v", doc)
	}
	if doc.Counts["created"] != 2 || doc.Counts["failed"] != 1 || len(doc.Changes) == 0 || doc.Changes[0].Reason == "" {
		t.Errorf("%+v, %d changes", doc.Counts, len(doc.Changes))
	}
	// A stranger needs the file and no more: the signed bytes are those before the signature.
	body, _, _ := strings.Cut(text, ",\n  \"signature\": ")
	digest := sha256.Sum256([]byte(body))
	key, _ := base64.StdEncoding.DecodeString(doc.Signature.PublicKey)
	value, _ := base64.StdEncoding.DecodeString(doc.Signature.Value)
	if hex.EncodeToString(digest[:]) != doc.Signature.SHA256 || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, digest[:], value) {
		t.Errorf("the signature does not hold: %+v", doc.Signature)
	}

	page := d.path("report.html")
	if s := d.with(keychain, "report", run, "--html", page); s.status != 0 || !strings.Contains(s.out, doc.Signature.Fingerprint) {
		t.Errorf("status %d\n%s\n%s", s.status, s.out, s.err)
	}
	html := d.read("report.html")
	for _, bad := range []string{"<script", "<img", "\u202e", "src=", "href=", "http://", "https://", d.token} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(html, "&lt;script&gt;@x") || !strings.Contains(html, "no password") {
		t.Errorf("the page lacks a value or its warning:\n%s", html)
	}
	d.write("report.json", text)
	for _, name := range []string{"report.html", "report.json"} {
		if s := d.plain("report", "--verify", d.path(name)); s.status != 0 || !strings.Contains(s.out, doc.Signature.Fingerprint) {
			t.Errorf("%s: status %d\n%s%s", name, s.status, s.out, s.err)
		}
		for what, change := range map[string]func(string) string{
			"a value changed":   func(s string) string { return strings.Replace(s, "Ann", "Eve", 1) },
			"something added":   func(s string) string { return s + " " },
			"the end cut off":   func(s string) string { return s[:len(s)-20] },
			"a row put between": func(s string) string { return strings.Replace(s, "Bob", "Bob and Eve", 1) },
			"another key": func(s string) string {
				return strings.Replace(s, doc.Signature.PublicKey, base64.StdEncoding.EncodeToString(make([]byte, 32)), -1)
			},
		} {
			d.write("changed", change(d.read(name)))
			if s := d.plain("report", "--verify", d.path("changed")); s.status != 1 {
				t.Errorf("%s, %s: status %d\n%s", name, what, s.status, s.out)
			}
		}
	}
	again := d.with(keychain, "report", run, "--json").out
	if !strings.Contains(again, doc.Signature.PublicKey) {
		t.Error("the workspace has another key now")
	}
	if _, err := os.Stat(d.path("workspace")); err != nil {
		t.Fatal(err)
	}
}

func TestAReportSaysWhyItIsNotSigned(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	run := d.run().report.Run
	keychain := &vaulttest.Keychain{}
	keychain.Fail(func(string, string) error { return errors.New("there is no bus") })
	if s := d.with(keychain, "report", run); s.status != 0 || !strings.Contains(s.out, "not signed: no keychain") {
		t.Errorf("status %d\n%s%s", s.status, s.out, s.err)
	}
	keychain.Fail(nil)
	d.sqlite(`UPDATE run SET counts = replace(counts, '"created":2', '"created":1')`)
	s := d.with(keychain, "report", run, "--json")
	var doc signed
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil || s.status != 0 {
		t.Fatalf("status %d, %v\n%s", s.status, err, s.err)
	}
	if doc.Signature.Value != "" || !strings.Contains(doc.Signature.NotSigned, "do not add up") {
		t.Errorf("%+v", doc.Signature)
	}
	if s := d.plain("report", "run-of-nobody"); s.status != 2 || !strings.Contains(s.err, "there is no run") {
		t.Errorf("status %d, %s", s.status, s.err)
	}
}
