package practice

import (
	"fmt"
	"strings"
	"time"
)

// apiError is a refusal: a status and a body. It is also the error that the
// person's methods return.
type apiError struct {
	Status     int
	retryAfter time.Duration // of a 429, sent when the switch says so
	inner      *errorBody    // what the message is to be, as JSON; nil mostly
	page       string        // HTML that comes instead of a body; "" mostly
	errorBody
}

func (e *apiError) Error() string { return fmt.Sprintf("practice: %d: %s", e.Status, e.Message) }

// errorBody is HubSpot's error document (facts 3.5); HubSpot leaves out what
// does not apply, as this does.
type errorBody struct {
	State         string              `json:"status"`
	Message       string              `json:"message"`
	ErrorType     string              `json:"errorType,omitempty"`
	CorrelationID string              `json:"correlationId"`
	PolicyName    string              `json:"policyName,omitempty"`
	GroupName     string              `json:"groupName,omitempty"`
	RequestID     string              `json:"requestId,omitempty"`
	Errors        []errorDetail       `json:"errors,omitempty"`
	Context       map[string][]string `json:"context,omitempty"`
	Links         map[string]string   `json:"links,omitempty"`
	Category      string              `json:"category,omitempty"`
	SubCategory   string              `json:"subCategory,omitempty"`
}

type errorDetail struct {
	Message     string              `json:"message"`
	Code        string              `json:"code,omitempty"`
	SubCategory string              `json:"subCategory,omitempty"`
	Context     map[string][]string `json:"context,omitempty"`
}

// itemError is one entry of a multi-status answer's errors (facts 3.3).
type itemError struct {
	State       string              `json:"status"`
	Category    string              `json:"category"`
	SubCategory string              `json:"subCategory,omitempty"`
	Message     string              `json:"message"`
	Context     map[string][]string `json:"context,omitempty"`
}

// item turns a refusal of a whole request into the refusal of one input.
func (e *apiError) item(trace string) itemError {
	context := map[string][]string{}
	for k, v := range e.Context {
		context[k] = v
	}
	if trace != "" {
		context["objectWriteTraceId"] = []string{trace}
	}
	if e.Category == "" {
		e.Category = "VALIDATION_ERROR"
	}
	if len(context) == 0 {
		context = nil
	}
	return itemError{State: "error", Category: e.Category, SubCategory: e.SubCategory, Message: e.Message, Context: context}
}

// Categories of errors.
const (
	categoryValidation = "VALIDATION_ERROR"
	categoryNotFound   = "OBJECT_NOT_FOUND"
	categoryConflict   = "CONFLICT"
	categoryExists     = "OBJECT_ALREADY_EXISTS"
)

func refuse(status int, category, format string, args ...any) *apiError {
	return &apiError{Status: status, errorBody: errorBody{Category: category, Message: fmt.Sprintf(format, args...)}}
}

func invalid(format string, args ...any) *apiError {
	return refuse(400, categoryValidation, format, args...)
}

func (e *apiError) with(key string, values ...string) *apiError {
	if e.Context == nil {
		e.Context = make(map[string][]string)
	}
	e.Context[key] = values
	return e
}

func (e *apiError) sub(category string) *apiError {
	e.SubCategory = category
	return e
}

// problem is HubSpot's catch-all, without category.
func problem() *apiError { return refuse(400, "", "There was a problem with the request.") }

func notAllowed() *apiError { return refuse(405, "", "HTTP 405 Method Not Allowed") }

func notFound() *apiError { return refuse(404, "", "resource not found") }

func notNumeric(id string) *apiError {
	return refuse(404, categoryNotFound, "Object not found.  objectId are usually numeric.").with("id", id)
}

func contactExists(id uint64) *apiError {
	return refuse(409, categoryConflict, "Contact already exists. Existing ID: %d", id)
}

func duplicateIDs(ids []string) *apiError {
	return invalid("Duplicate IDs found in batch input: [%s]. IDs must be unique", strings.Join(ids, ", ")).with("ids", ids...)
}

// nested is a refusal whose message is another refusal's JSON, as the API of
// property groups gives it; refusal fills in the correlation id.
func nested(message, sub string) *apiError {
	return &apiError{Status: 400, inner: &errorBody{State: "error", Message: message, Category: categoryValidation, SubCategory: sub}}
}

// propertyError is one invalid value.
type propertyError struct {
	Valid     bool   `json:"isValid"`
	Message   string `json:"message"`
	Code      string `json:"error"`
	Name      string `json:"name"`
	Localized string `json:"localizedErrorMessage"`
	PortalID  int64  `json:"portalId"`
}

// mostDetails is how many invalid values a refusal's errors list: recorded
// ones with four have three.
const mostDetails = 3

// invalidProperties is the refusal that lists invalid values: all of them in
// the message, the first in errors.
func (p *Portal) invalidProperties(errs []propertyError) *apiError {
	e := &apiError{Status: 400, errorBody: errorBody{Category: categoryValidation}}
	for i := range errs {
		errs[i].Localized, errs[i].PortalID = errs[i].Message, p.opt.PortalID
		if i >= mostDetails {
			continue
		}
		e.Errors = append(e.Errors, errorDetail{Message: errs[i].Message, Code: errs[i].Code,
			Context: map[string][]string{"propertyName": {errs[i].Name}}})
	}
	e.Message = "Property values were not valid: " + string(encode(errs))
	return e
}
