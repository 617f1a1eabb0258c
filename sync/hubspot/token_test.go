package hubspot_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
)

func TestCleanToken(t *testing.T) {
	t.Parallel()
	for _, pasted := range []string{
		testToken,
		"  " + testToken + "\r\n",
		`"` + testToken + `"`,
		"“" + testToken + "”",
		"Bearer " + testToken,
		"bearer\u00a0" + testToken,
		"Authorization: Bearer " + testToken,
		`'Authorization: Bearer ` + testToken + `',`,
		"\ufeff" + testToken + "\u200b",
		testToken[:9] + "\u200b" + testToken[9:],
	} {
		if got, err := hubspot.CleanToken(pasted); err != nil || got != testToken {
			t.Errorf("CleanToken(%q) = %q, %v", pasted, got, err)
		}
	}
	for pasted, want := range map[string]string{
		"":        "paste the token",
		"Bearer ": "paste the token",
		"pat-na1-••••••••-••••":                         "hidden form",
		"pat-na1-****-1234":                             "hidden form",
		"11111111-2222-3333-4444-555555555555":          "old API key",
		"pat-na1-1111":                                  "too short",
		"my private app token is pat-na1-11111111-2222": "spaces",
		"pat-na1-1111\n1111-2222-3333-4444-55555555":    "spaces",
		"пат-на1-11111111-2222-3333":                    "letters that no token has",
	} {
		got, err := hubspot.CleanToken(pasted)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CleanToken(%q) = %q, %v; want an error with %q", pasted, got, err, want)
		}
		if err != nil && len(pasted) > 8 && strings.Contains(err.Error(), pasted) {
			t.Errorf("the error repeats what was pasted: %v", err)
		}
	}
}

func TestHostsFor(t *testing.T) {
	t.Parallel()
	const plain = "https://api.hubapi.com"
	for token, want := range map[string][]string{
		testToken:             {plain},
		"pat-na2-1111":        {plain},
		"pat-eu1-1111":        {"https://api-eu1.hubapi.com", plain},
		"PAT-AP1-1111":        {"https://api-ap1.hubapi.com", plain},
		"CKyJxN3OMRIHAAEAQAA": {plain},
		"pat-evil.example-1":  {plain},
	} {
		if diff := cmp.Diff(want, hubspot.HostsFor(token)); diff != "" {
			t.Errorf("HostsFor(%q) (-want +got):\n%s", token, diff)
		}
	}
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	const euToken = "pat-eu1-11111111-2222-3333-4444-555555555555"
	refused := says(401, `{"category":"INVALID_AUTHENTICATION","message":"Authentication credentials not found."}`)
	account := says(200, `{"portalId":5865761,"portalName":"Practice","accountType":"STANDARD","timeZone":"Europe/Dublin","companyCurrency":"EUR","uiDomain":"app-eu1.hubspot.com","dataHostingLocation":"eu1"}`)
	info := says(200, `{"userId":1,"hubId":5865761,"appId":2011410,"scopes":["crm.objects.contacts.read"]}`)
	noHost := fails(&net.DNSError{Err: "no such host", Name: "api-eu1.hubapi.com", IsNotFound: true})
	type host = map[string]func(*http.Request) (*http.Response, error) // by path's last element
	tests := []struct {
		name   string
		token  string
		base   string
		hosts  map[string]host
		want   string
		scopes int
		bad    func(error) bool
	}{
		{"region answers", euToken, "", map[string]host{"api-eu1.hubapi.com": {"details": account, "access-token-info": info}}, "https://api-eu1.hubapi.com", 1, nil},
		{"region refuses", euToken, "", map[string]host{"api-eu1.hubapi.com": {"details": refused}, "api.hubapi.com": {"details": account, "access-token-info": info}}, "https://api.hubapi.com", 1, nil},
		{"region does not exist", euToken, "", map[string]host{"api-eu1.hubapi.com": {"details": noHost}, "api.hubapi.com": {"details": account, "access-token-info": info}}, "https://api.hubapi.com", 1, nil},
		{"nobody knows the token", euToken, "", map[string]host{"api-eu1.hubapi.com": {"details": refused}, "api.hubapi.com": {"details": refused}}, "", 0, hubspot.IsAuth},
		{"rights are not told", " Bearer " + testToken, "", map[string]host{"api.hubapi.com": {"details": account, "access-token-info": says(404, `{"message":"resource not found"}`)}}, "https://api.hubapi.com", 0, nil},
		{"address is given", euToken, "https://proxy.example", map[string]host{"proxy.example": {"details": account, "access-token-info": info}}, "https://proxy.example", 1, nil},
		{"not a token", "••••••", "", nil, "", 0, func(err error) bool { return strings.Contains(err.Error(), "hidden form") }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rt := transport(func(r *http.Request) (*http.Response, error) {
					last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
					if answer := tc.hosts[r.URL.Host][last]; answer != nil {
						return answer(r)
					}
					t.Errorf("unexpected request to %s%s", r.URL.Host, r.URL.Path)
					return reply(r, 404, `{}`), nil
				})
				base, account, info, err := hubspot.Discover(t.Context(), tc.token, hubspot.Config{Transport: rt, BaseURL: tc.base})
				if tc.bad != nil {
					if err == nil || !tc.bad(err) {
						t.Errorf("err = %v", err)
					}
					return
				}
				if err != nil || base != tc.want || account.PortalID != 5865761 || account.Name != "Practice" || len(info.Scopes) != tc.scopes {
					t.Errorf("Discover = %q, %+v, %+v, %v", base, account, info, err)
				}
				if url := account.RecordURL("0-1", "77"); url != "https://app-eu1.hubspot.com/contacts/5865761/record/0-1/77" {
					t.Errorf("RecordURL = %s", url)
				}
			})
		})
	}
}

func TestObjectTypes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"contacts": "0-1", "contact": "0-1", "0-1": "0-1", " Companies ": "0-2", "0-27": "0-27",
		"line_item": "0-8", "2-123": "2-123", "p1_x": "",
	} {
		if got, ok := hubspot.FindObjectType(name); !ok || got.ID != want {
			t.Errorf("FindObjectType(%q) = %+v, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "butterflies", "2-", "../contacts", "0-9999"} {
		if got, ok := hubspot.FindObjectType(name); ok {
			t.Errorf("FindObjectType(%q) = %+v", name, got)
		}
	}
	ids := make(map[string]bool)
	for _, typ := range hubspot.ObjectTypes() {
		if ids[typ.ID] || len(typ.Primary) == 0 || typ.CreatedProperty == "" {
			t.Errorf("bad entry %+v", typ)
		}
		ids[typ.ID] = true
		if onlyContacts := typ.ModifiedProperty == "lastmodifieddate"; onlyContacts != (typ.Name == "contacts") {
			t.Errorf("%s is modified in %s", typ.Name, typ.ModifiedProperty)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	find := func(name string) hubspot.ObjectType {
		typ, ok := hubspot.FindObjectType(name)
		if !ok {
			t.Fatalf("no object type %q", name)
		}
		return typ
	}
	tests := []struct {
		name                string
		read, write, schema []string
	}{
		{"contacts", []string{"crm.objects.contacts.read"}, []string{"crm.objects.contacts.write"}, []string{"crm.schemas.contacts.write"}},
		{"tickets", []string{"tickets"}, []string{"tickets"}, []string{"tickets"}},
		{"notes", []string{"crm.objects.contacts.read"}, []string{"crm.objects.contacts.write"}, []string{"crm.schemas.contacts.write"}},
		{"2-77", []string{"crm.objects.custom.read"}, []string{"crm.objects.custom.write"}, []string{"crm.schemas.custom.write"}},
		{"p1_car", []string{"crm.objects.custom.read"}, []string{"crm.objects.custom.write"}, []string{"crm.schemas.custom.write"}},
	}
	for _, tc := range tests {
		typ := find(tc.name)
		for _, pair := range [][2][]string{{hubspot.ReadScopes(typ), tc.read}, {hubspot.WriteScopes(typ), tc.write}, {hubspot.SchemaWriteScopes(typ), tc.schema}} {
			if !slices.Equal(pair[0], pair[1]) {
				t.Errorf("%s: %v, want %v", tc.name, pair[0], pair[1])
			}
		}
	}
	got := hubspot.MissingScopes([]string{"a", "b"}, []string{"b", "c", "c"})
	if !slices.Equal(got, []string{"c"}) {
		t.Errorf("MissingScopes = %v", got)
	}
}
