package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/redact"
)

func TestSecretsAreTakenOutByTheirShape(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"token pat-na1-11111111-2222-3333-4444-555555555555!", "token [hidden]!"},
		{"na1-8ae3f2c1-22b1-4c7d-9f0a-1234567890ab is it", "[hidden] is it"},
		{"Authorization: Bearer CKyJxN3OMRIHAAEAQ", "Authorization: [hidden]"},
		{"Authorization: Basic YXBwOmh1bnRlcjI=", "Authorization: [hidden]"},
		{`{"Authorization":["Bearer CKyJxN3OMRIHAAEAQ"]}`, `{"Authorization":["[hidden]"]}`},
		{"with Bearer CKyJxN3OMRIHAAEAQ", "with Bearer [hidden]"},
		{"Cookie: hubspotutk=1; csrf=2", "Cookie: [hidden]"},
		{"GET /cb?code=abc-def&state=xyz HTTP", "GET /cb?code=[hidden]&state=[hidden] HTTP"},
		{"grant_type=x&refresh_token=abc&client_secret=d e", "grant_type=x&refresh_token=[hidden]&client_secret=[hidden] e"},
		{`{"access_token":"C a\"b","expires_in":1800}`, `{"access_token":[hidden],"expires_in":1800}`},
		{`{\"refresh_token\":\"na\"}`, `{\"refresh_token\":[hidden]}`},
		{"?hapikey=0123", "?hapikey=[hidden]"},
		{"a%3Faccess_token%3Dxyz", "a%3Faccess_token%3D[hidden]"},
		{"postgres://app:hunter2@db/crm", "postgres://[hidden]@db/crm"},
		{"postgres://app:hun/ter2@db/crm", "postgres://[hidden]@db/crm"},
		{"postgres:/app:hunter2@db/crm", "postgres:/[hidden]@db/crm"}, // taken for a path
		{"https://ghp_abc@example.com/x", "https://[hidden]@example.com/x"},
		{"app:hunter2@tcp(db:3306)/crm", "[hidden]@tcp(db:3306)/crm"},
		{"host=db password=hunter2 user=app", "host=db password=[hidden] user=app"},
		{"host=db password='a b' user=app", "host=db password=[hidden] user=app"},
		{"password: hunter2", "password: [hidden]"},
		{"Password: swordfish", "Password: [hidden]"},
		{"token: 4f2a99", "token: [hidden]"},
		// Prose and personal data stay.
		{"SYNCLINE_TOKEN is no token: this is not an access token", "SYNCLINE_TOKEN is no token: this is not an access token"},
		{"cannot fetch token: 400 Bad Request", "cannot fetch token: 400 Bad Request"},
		{"ann@example.com has the code PROPERTY_DOESNT_EXIST", "ann@example.com has the code PROPERTY_DOESNT_EXIST"},
		{"https://api.hubapi.com/crm/x?limit=100", "https://api.hubapi.com/crm/x?limit=100"},
		{"11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555"},
		{"", ""},
	}
	for _, tc := range tests {
		if got := redact.Secrets(tc.text); got != tc.want {
			t.Errorf("Secrets(%q)\n got %q\nwant %q", tc.text, got, tc.want)
		}
	}
}

func TestPersonalDataIsTakenOut(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"ann.lee+x@example.co.uk called", "[e-mail] called"},
		{"jürgen@bücher.example", "[e-mail]"},
		{"/crm/objects/contacts/ann%40example.com", "/crm/objects/contacts/[e-mail]"},
		{"<ann@intranet>, bob@example.com", "<[e-mail]>, [e-mail]"},
		{"+49 30 1234567 and +14155550123", "[phone] and [phone]"},
		{"(030) 123-4567, 555-123-4567", "[phone], [phone]"},
		{"0049 (30) 1234567", "[phone]"},
		{"03012345678", "[phone]"},
		{"the key CKyJxN3OMRIHAAEAQAAAARiYs6MBINfEjBIo2fqNDDIUh", "the key [hidden]"},
		{"token: swordfish", "token: [hidden]"},
		// What a log needs stays.
		{"2026-11-22 10:15:00 +01:00", "2026-11-22 10:15:00 +01:00"},
		{"/crm/objects/2026-09/0-1/36943177921", "/crm/objects/2026-09/0-1/36943177921"},
		{"run-20261122-101010-abcdef", "run-20261122-101010-abcdef"},
		{"a1b2c3d4-1234-5678-9012-abcdefabcdef", "a1b2c3d4-1234-5678-9012-abcdefabcdef"},
		{"127.0.0.1:8080 192.168.100.200 1.2345678", "127.0.0.1:8080 192.168.100.200 1.2345678"},
		{"20,000 rows in 12.345678s", "20,000 rows in 12.345678s"},
		{"0123456789abcdef0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0123456789abcdef"},
	}
	for _, tc := range tests {
		if got := redact.Personal(tc.text); got != tc.want {
			t.Errorf("Personal(%q)\n got %q\nwant %q", tc.text, got, tc.want)
		}
	}
}

func TestQuotedValuesAreTakenOut(t *testing.T) {
	t.Parallel()
	got := redact.Quotes(`line 3: "Ann \"Lee\"" and “Bob” are no options of `)
	if got != `line 3: "…" and "…" are no options of ` {
		t.Error(got)
	}
}

func TestFieldsAreKnownByTheirName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"access_token": true, "Authorization": true, "dsn": true, "code": true, "state": true, "Email": true, "e-mail": true, "mobilephone": true,
		"encoding": false, "statement": false, "status": false, "path": false, "country_code": false, "": false} {
		if redact.Names(name) != want {
			t.Errorf("Names(%q) = %v", name, !want)
		}
	}
}

// A secret that the process knows is found in whatever form it stands.
func TestKnownSecretsNeverComeThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var known redact.Known
		secrets := rapid.SliceOfN(rapid.StringMatching(`[!-~]{8,40}`), 1, 5).Draw(t, "secrets")
		for _, s := range secrets {
			known.Add(s)
		}
		before := rapid.String().Draw(t, "before")
		after := rapid.String().Draw(t, "after")
		for _, s := range secrets {
			for _, form := range []string{s, fmt.Sprintf("%q", s)} {
				if got := known.Hide(before + form + after); strings.Contains(got, s) && !strings.Contains(before+after+redact.Hidden, s) {
					t.Fatalf("%q in %q", s, got)
				}
			}
		}
	})
}

func TestKnownForgetsTheOldestOfVeryManyAndPrintsNothing(t *testing.T) {
	t.Parallel()
	var known redact.Known
	known.Add("abc") // too short to be looked for
	for i := range 600 {
		known.Add(fmt.Sprintf("secret-%04d", i))
	}
	if got := known.Hide("abc secret-0599 secret-0000"); got != "abc [hidden] secret-0000" {
		t.Error(got)
	}
	if text := fmt.Sprintf("%v %+v %#v", &known, &known, &known); strings.Contains(text, "secret-") {
		t.Error(text)
	}
}

// Redacted text has nothing more to redact, so that an export may redact again.
func TestRedactionIsStable(t *testing.T) {
	t.Parallel()
	parts := []string{"token=", "password: ", "ann@example.com", "+49 30 1234567", "pat-na1-11111111-2222", "https://a:b@c/", " ", "\n", `"`, "Bearer ", "CKyJxN3OMRIHAAEAQAAAARiYs6MBINfEjBI", "code=", "x", "?", "&"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 8).Draw(t, "parts"), "")
		once := redact.Personal(text)
		for _, secret := range []string{"ann@example.com", "1234567", "11111111-2222", "CKyJxN3OMRIHAAEAQ"} {
			if strings.Contains(once, secret) {
				t.Fatalf("%q leaves %q", text, once)
			}
		}
		if again := redact.Personal(once); len(again) > len(once)+len(redact.Hidden) {
			t.Fatalf("%q becomes %q", once, again)
		}
	})
}
