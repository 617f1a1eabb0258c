package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncline/app/vault"
)

// Signature is what stands at the end of a signed report. It covers every byte
// of the file before it.
type Signature struct {
	Algorithm   string `json:"algorithm"`   // ed25519, over the digest's 32 bytes
	PublicKey   string `json:"public_key"`  // base64
	Fingerprint string `json:"fingerprint"` // of the public key, to compare by telephone
	Digest      string `json:"sha256"`      // hex, of the bytes before the signature
	Value       string `json:"signature"`   // base64; "" where the report is not signed
	Unsigned    string `json:"not_signed,omitempty"`
}

// signingKey is the workspace's, made when it is first used. It lives in the
// keychain and in memory only.
func (a *App) signingKey(ctx context.Context) (ed25519.PrivateKey, error) {
	id, err := a.Store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	name := "report-key:" + id
	text, err := a.Vault.Get(ctx, name)
	if errors.Is(err, vault.ErrNotFound) {
		_, key, kerr := ed25519.GenerateKey(nil)
		if kerr != nil {
			return nil, kerr
		}
		return key, a.Vault.Set(ctx, name, base64.StdEncoding.EncodeToString(key.Seed()))
	}
	if err != nil {
		return nil, err
	}
	seed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errors.New("the key of this workspace in the keychain is damaged: delete the entry " + name + " there, and a new one is made")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// fingerprint is a public key's, in groups of four.
func fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	text := hex.EncodeToString(sum[:16])
	var parts []string
	for len(text) > 0 {
		parts, text = append(parts, text[:4]), text[4:]
	}
	return strings.Join(parts, " ")
}

// sign signs a digest. Without a keychain, or with a reason not to, the
// signature says that there is none.
func (a *App) sign(ctx context.Context, digest []byte, unsigned string) (Signature, error) {
	s := Signature{Digest: hex.EncodeToString(digest), Unsigned: unsigned}
	if unsigned != "" {
		return s, nil
	}
	key, err := a.signingKey(ctx)
	switch {
	case vault.MayKeep(err):
		s.Unsigned = fmt.Sprintf("not signed: no keychain (%v)", err)
		return s, nil
	case err != nil:
		return s, err
	}
	public := key.Public().(ed25519.PublicKey)
	s.Algorithm, s.PublicKey, s.Fingerprint = "ed25519", base64.StdEncoding.EncodeToString(public), fingerprint(public)
	s.Value = base64.StdEncoding.EncodeToString(ed25519.Sign(key, digest))
	return s, nil
}

// The first bytes of what stands behind the signed part: in a value of the
// report they can't stand, because there a line break and a "<" are escaped.
const (
	jsonSeal = ",\n  \"signature\": "
	htmlSeal = "\n<section id=\"signature\">"
)

// jsonTail and htmlTail are the end of a report, made of its signature alone.
func jsonTail(s Signature) string {
	doc, _ := json.Marshal(s) // texts only: can't fail
	return jsonSeal + string(doc) + "\n}\n"
}

func htmlTail(s Signature) string {
	doc, _ := json.Marshal(s)
	var b strings.Builder
	b.WriteString(htmlSeal + "<h2>Signature</h2>\n")
	if s.Value == "" {
		fmt.Fprintf(&b, "<p class=\"warn\">%s</p>\n", html.EscapeString(capital(s.Unsigned)))
	} else {
		fmt.Fprintf(&b, "<p>Signed with the key of the workspace, fingerprint <b>%s</b>. Whoever has this file checks it with <code>syncline report --verify FILE</code> and compares the fingerprint.</p>\n", html.EscapeString(s.Fingerprint))
	}
	fmt.Fprintf(&b, "<pre>%s</pre>\n</section></body></html>\n", html.EscapeString(string(doc)))
	return b.String()
}

// capital begins a text with a capital.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// Verdict is what checking a report found.
type Verdict struct {
	Valid       bool   `json:"valid"`
	Signed      bool   `json:"signed"`
	Fingerprint string `json:"fingerprint,omitempty"`
	PublicKey   string `json:"public_key,omitempty"`
	Message     string `json:"message"`
}

// VerifyReport checks a report's signature with the public key that it holds.
// That the key is the right one its fingerprint tells, which people compare.
func VerifyReport(path string) (Verdict, error) {
	f, err := os.Open(path)
	if err != nil {
		return Verdict{}, &UseError{Msg: fmt.Sprintf("the report %s can't be read: %v", path, err)}
	}
	defer f.Close()
	// The tail is short; the part before it may be long and is only hashed.
	info, err := f.Stat()
	if err != nil {
		return Verdict{}, err
	}
	const longest = 16 << 10
	start := max(0, info.Size()-longest)
	end := make([]byte, info.Size()-start)
	if _, err := f.ReadAt(end, start); err != nil && !errors.Is(err, io.EOF) {
		return Verdict{}, err
	}
	s, at, ok := findSeal(end)
	if !ok {
		return Verdict{Message: "this is no report of Syncline's, or its end was changed or cut off"}, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, start+int64(at))); err != nil {
		return Verdict{}, err
	}
	return judge(s, h.Sum(nil)), nil
}

// findSeal finds the signature at the end of a report and where the signed
// part ends. Nothing may stand there but what the signature itself makes.
func findSeal(end []byte) (s Signature, at int, ok bool) {
	for _, form := range []struct {
		seal string
		tail func(Signature) string
	}{{jsonSeal, jsonTail}, {htmlSeal, htmlTail}} {
		at = bytes.LastIndex(end, []byte(form.seal))
		if at < 0 {
			continue
		}
		doc := end[at+len(form.seal):]
		if form.seal == htmlSeal {
			_, pre, _ := bytes.Cut(doc, []byte("<pre>"))
			var found bool
			if doc, _, found = bytes.Cut(pre, []byte("</pre>")); !found {
				continue
			}
			doc = []byte(html.UnescapeString(string(doc)))
		} else {
			doc = bytes.TrimSuffix(doc, []byte("\n}\n"))
		}
		if json.Unmarshal(doc, &s) == nil && form.tail(s) == string(end[at:]) {
			return s, at, true
		}
	}
	return Signature{}, 0, false
}

func judge(s Signature, digest []byte) Verdict {
	v := Verdict{Signed: s.Value != "", Fingerprint: s.Fingerprint, PublicKey: s.PublicKey}
	if hex.EncodeToString(digest) != s.Digest {
		v.Message = "the report was changed after it was made: its contents do not give the hash at its end"
		return v
	}
	if !v.Signed {
		v.Message = s.Unsigned + ": nothing proves who made this report"
		return v
	}
	key, kerr := base64.StdEncoding.DecodeString(s.PublicKey)
	value, verr := base64.StdEncoding.DecodeString(s.Value)
	if kerr != nil || verr != nil || s.Algorithm != "ed25519" || len(key) != ed25519.PublicKeySize || fingerprint(key) != s.Fingerprint || !ed25519.Verify(key, digest, value) {
		v.Message = "the signature does not belong to this report"
		return v
	}
	v.Valid = true
	v.Message = fmt.Sprintf("the report is as it was signed, by the key with the fingerprint %s: compare it with the one that its maker tells you", s.Fingerprint)
	return v
}
