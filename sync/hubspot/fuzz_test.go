package hubspot_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// oneAnswer answers every request with the same body.
type oneAnswer struct {
	status int
	body   string
}

func (s oneAnswer) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	return &http.Response{StatusCode: s.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(s.body)), ContentLength: int64(len(s.body)), Request: req}, nil
}

// FuzzAnswers gives the client any answer to reads and writes of batches.
// Whatever it is, no input counts as done and as failed at once, nothing that
// was not asked for counts as an answer, and nothing ends the program.
func FuzzAnswers(f *testing.F) {
	bodies := []string{
		`{"status":"COMPLETE","results":[{"id":"1","properties":{"email":"a@example.com"},"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","archived":false}]}`,
		`{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"no","context":{"ids":["1","2"]}}]}`,
		`{"status":"COMPLETE","results":[{"id":"9","properties":{}}],"errors":[{"status":"error","message":"no","context":{"objectWriteTraceId":["t2"]}}],"numErrors":1}`,
		`{"results":[{"id":1},{"id":"1"}],"paging":{"next":{"after":"1"}}}`, `{"total":3,"results":[{"id":"1"}]}`,
		`{}`, `{"status":"error"}`, `{"results":null}`, `{"results":[null]}`, `{"results":[{}]}`, `[]`, `null`, ``, `{"results":[{"id":"1","properties":{"a":[1]}}]}`,
		`{"results":[{"id":"1","propertiesWithHistory":{"email":[{"value":"x","timestamp":"nope","sourceType":"API"}]}}]}`, strings.Repeat("[", 10_000),
	}
	for _, body := range bodies {
		for _, status := range []byte{0, 1, 2} {
			f.Add(status, body)
		}
	}
	statuses := []int{http.StatusOK, http.StatusMultiStatus, http.StatusCreated, http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusInternalServerError}
	f.Fuzz(func(t *testing.T, status byte, body string) {
		synctest.Test(t, func(t *testing.T) {
			c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken("pat-na1-x"), Transport: oneAnswer{statuses[int(status)%len(statuses)], body}, Reserve: -1})
			if err != nil {
				t.Fatal(err)
			}
			ids := []string{"1", "2"}
			if got, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: ids, Properties: []string{"email"}, History: []string{"email"}}); err == nil && len(got.Records) > len(ids) {
				t.Errorf("%d records for %d ids", len(got.Records), len(ids))
			}
			create := []hubspot.CreateInput{{Properties: record.Values{"email": record.Text("a@example.com")}, TraceID: "t1"}, {Properties: record.Values{"email": record.Text("b@example.com")}, TraceID: "t2"}}
			if got, err := c.BatchCreate(t.Context(), "contacts", create); err == nil && len(got.Records)+len(got.Failures) > len(create) {
				t.Errorf("%d inputs came to %d records and %d failures", len(create), len(got.Records), len(got.Failures))
			}
			update := []hubspot.UpdateInput{{ID: "1", Properties: record.Values{"email": record.Text("a@example.com")}, TraceID: "t1"}, {ID: "2", Properties: record.Values{"email": record.Text("b@example.com")}, TraceID: "t2"}}
			if got, err := c.BatchUpdate(t.Context(), "contacts", update); err == nil && len(got.Records)+len(got.Failures) > len(update) {
				t.Errorf("%d inputs came to %d records and %d failures", len(update), len(got.Records), len(got.Failures))
			}
			_, _ = c.List(t.Context(), "contacts", hubspot.ListRequest{Limit: 100})
			_, _ = c.Search(t.Context(), "contacts", hubspot.SearchRequest{Limit: 100})
		})
	})
}
