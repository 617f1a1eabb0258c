package practice

import (
	"net/http"
	"slices"
)

// library are the object types that people switch on in the object library; all
// others are there or not by the account's subscription.
var library = []string{"0-162", "0-410", "0-420", "0-421"}

// listActivated is GET /crm/object-library/…/enablement. It needs no scope.
func (p *Portal) listActivated(*call) (*answer, *apiError) {
	on := make(map[string]bool, len(library))
	for _, k := range p.kinds {
		if slices.Contains(library, k.id) {
			on[k.id] = p.active(k) == nil
		}
	}
	return reply(http.StatusOK, map[string]any{"enablementByObjectTypeId": on}), nil
}

// readActivated is GET /crm/object-library/…/enablement/{objectTypeId}.
func (p *Portal) readActivated(c *call) (*answer, *apiError) {
	k, e := p.find(c.args["type"])
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"enablement": p.active(k) == nil}), nil
}
