package hubspot

import (
	"encoding/json"
	"reflect"
	"testing"
)

// usual are answers as HubSpot sends them, and such that are read by hand no
// more.
var usual = map[string]bool{
	`{"status":"COMPLETE","results":[{"id":"512","properties":{"email":"a@b.com","firstname":"Anne \"A\" \u00e9","hs_x":null},"createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:06Z","archived":false,"url":"https://app.hubspot.com/contacts/1"}],"startedAt":"2026-01-02T03:04:05.678Z","completedAt":"2026-01-02T03:04:05.999Z"}`:                                              true,
	`{"results":[{"id":"1","properties":{"a":"x"},"createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z","archived":false},{"id":2,"properties":{},"archived":true,"archivedAt":"2026-01-02T03:04:05.678Z"}],"paging":{"next":{"after":"2","link":"https://api.hubapi.com/x?after=2"}}}`:                                                                                      true,
	`{"total":1,"results":[{"id":"1","properties":{"a":"x"},"propertiesWithHistory":{"a":[{"value":"x","timestamp":"2026-01-02T03:04:05.678Z","sourceType":"CRM_UI","sourceId":"userId:7","updatedByUserId":7},{"value":null,"timestamp":"2026-01-01T03:04:05.678Z","sourceType":"INTEGRATION","sourceId":"9","sourceLabel":"Syncline"}]},"new":true,"objectWriteTraceId":"b-1","archived":false}]}`: true,
	`{"total":0,"results":[]}`:                                                                                   true,
	`{"results":[{"id":"1","properties":{"a":7}}]}`:                                                              false,
	`{"results":[{"id":"2.1E11","properties":{}}],"paging":{"next":{"after":"1e5"}}}`:                            true,
	`{"results":[{"id":"007","properties":{}}]}`:                                                                 true,
	`{"results":[{"id":007,"properties":{}}]}`:                                                                   false,
	`{"results":[],"total":01}`:                                                                                  false,
	`{"results":[{"id":2.1E11,"properties":{}}]}`:                                                                false,
	`{"results":[{"id":"1","properties":{},"warnings":[{"category":"X"}]}]}`:                                     false,
	`{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"status":"error","message":"no","context":{}}]}`: false,
	`{"results":null}`:                                                            false,
	"{\n  \"results\": []\n}":                                                     false,
	`{"results":[],"results":[]}`:                                                 false,
	`{"Results":[]}`:                                                              false,
	`{"results":[{"id":"1","properties":{"a":"x"}}]`:                              false,
	`{"results":[{"id":"1","properties":{"a":"x"},}]}`:                            false,
	`{"results":[{"id":"1","properties":{"a":"\q"}}]}`:                            false,
	`{"results":[],"paging":{"prev":{"before":[1,-2.5e3,true,{"x":null}]}}}`:      true,
	`{"results":[],"paging":{"prev":01}}`:                                         false,
	`{"results":[],"total":-1}`:                                                   false,
	`{"results":[{"id":"1","properties":{"a":"x","a":"y"}}],"total":3,"total":4}`: true,
	"{\"results\":[{\"id\":\"\xff\"}]}":                                           false,
	``:                                                                            false,
}

func TestAnAnswerReadByHandSaysWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	for text, hand := range usual {
		if got := sameByHand(t, text); got != hand {
			t.Errorf("read by hand: %v, want %v: %s", got, hand, text)
		}
	}
}

// sameByHand reports whether a text is read by hand, and fails where that is
// not what encoding/json reads.
func sameByHand(t *testing.T, text string) (hand bool) {
	t.Helper()
	for _, pair := range [][2]any{{new(wirePage), new(wirePage)}, {new(wireList[wireRecord]), new(wireList[wireRecord])}, {new(wireBatch[wireRecord]), new(wireBatch[wireRecord])}} {
		hand = quickly([]byte(text), pair[0])
		if !hand {
			if !reflect.ValueOf(pair[0]).Elem().IsZero() {
				t.Errorf("what is not read by hand left something: %s", text)
			}
			continue
		}
		if err := json.Unmarshal([]byte(text), pair[1]); err != nil {
			t.Errorf("read by hand, though encoding/json says %v: %s", err, text)
		}
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("by hand %+v\nby encoding/json %+v\nof %s", pair[0], pair[1], text)
		}
	}
	return hand
}

func FuzzAnAnswerReadByHand(f *testing.F) {
	for text := range usual {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameByHand(t, text) })
}
