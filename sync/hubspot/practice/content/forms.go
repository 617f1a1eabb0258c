package content

// Form is the definition of a form in the JSON shape of /marketing/v3/forms.
type Form struct {
	ID            string            `json:"id"` // a UUID
	Name          string            `json:"name"`
	CreatedAt     string            `json:"createdAt"`
	UpdatedAt     string            `json:"updatedAt"`
	Archived      bool              `json:"archived"`
	Groups        []FormGroup       `json:"fieldGroups"`
	Configuration FormConfiguration `json:"configuration"`
	Display       FormDisplay       `json:"displayOptions"`
	Consent       FormConsent       `json:"legalConsentOptions"`
	Type          string            `json:"formType"` // hubspot
}

// FormGroup is up to three fields that stand in one row.
type FormGroup struct {
	GroupType    string      `json:"groupType"`    // default_group
	RichTextType string      `json:"richTextType"` // text
	Fields       []FormField `json:"fields"`
}

// FormField is a field that people fill in: a property of an object type.
type FormField struct {
	ObjectTypeID string          `json:"objectTypeId"`
	Name         string          `json:"name"` // of the property
	Label        string          `json:"label"`
	Required     bool            `json:"required"`
	Hidden       bool            `json:"hidden"`
	FieldType    string          `json:"fieldType"` // email, single_line_text, dropdown, multiple_checkboxes, file, …
	Options      []FormOption    `json:"options,omitempty"`
	Validation   *FormValidation `json:"validation,omitempty"` // of e-mails
}

// FormOption is one choice of a field.
type FormOption struct {
	Label        string `json:"label"`
	Value        string `json:"value"`
	Description  string `json:"description"`
	DisplayOrder int    `json:"displayOrder"`
}

// FormValidation says which e-mail addresses a field refuses.
type FormValidation struct {
	BlockedEmailDomains []string `json:"blockedEmailDomains"`
	UseDefaultBlockList bool     `json:"useDefaultBlockList"`
}

// FormConfiguration is how a form behaves.
type FormConfiguration struct {
	Language            string     `json:"language"`
	Cloneable           bool       `json:"cloneable"`
	PostSubmit          PostSubmit `json:"postSubmitAction"`
	Editable            bool       `json:"editable"`
	Archivable          bool       `json:"archivable"`
	Recaptcha           bool       `json:"recaptchaEnabled"`
	NotifyContactOwner  bool       `json:"notifyContactOwner"`
	NotifyRecipients    []string   `json:"notifyRecipients"`
	CreateForNewEmail   bool       `json:"createNewContactForNewEmail"`
	PrePopulate         bool       `json:"prePopulateKnownValues"`
	AllowLinkToReset    bool       `json:"allowLinkToResetKnownValues"`
	LifecycleStages     []struct{} `json:"lifecycleStages"`
	HubSpotFormEmbedded string     `json:"embedType"`
}

// PostSubmit is what a visitor sees after sending: thank_you with a text, or
// redirect_url with an address.
type PostSubmit struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// FormDisplay is how a form looks.
type FormDisplay struct {
	RenderRawHTML    bool   `json:"renderRawHtml"`
	Theme            string `json:"theme"`
	SubmitButtonText string `json:"submitButtonText"`
	CSSClass         string `json:"cssClass"`
}

// FormConsent is what a visitor agrees to: with type none nothing is asked.
type FormConsent struct {
	Type              string            `json:"type"` // none, implicit_consent_to_process, explicit_consent_to_process
	ConsentToProcess  string            `json:"consentToProcessText,omitempty"`
	CheckboxLabel     string            `json:"consentToProcessCheckboxLabel,omitempty"`
	CommunicationText string            `json:"communicationConsentText,omitempty"`
	Communications    []ConsentCheckbox `json:"communicationsCheckboxes,omitempty"`
	Privacy           string            `json:"privacyText,omitempty"`
}

// ConsentCheckbox is one kind of message that a visitor may agree to get.
type ConsentCheckbox struct {
	Required         bool   `json:"required"`
	SubscriptionType int64  `json:"subscriptionTypeId"`
	Label            string `json:"label"`
}

// Forms are the forms of the demo, by what they are for: a question to sales, a
// newsletter with consent, and one of last year's that was archived.
func Forms() []Form {
	return []Form{
		form("8f3a5b1e-2c64-4d7a-9b0e-51d3c7a6f210", "Contact us", "2025-02-11T09:30:00Z", "Thank you. We answer within a day.",
			FormConsent{Type: "none"},
			FormField{Name: "email", Label: "Email", Required: true, FieldType: "email", Validation: &FormValidation{BlockedEmailDomains: []string{"mailinator.com"}}},
			FormField{Name: "firstname", Label: "First name", FieldType: "single_line_text"},
			FormField{Name: "lastname", Label: "Last name", FieldType: "single_line_text"},
			FormField{Name: "phone", Label: "Phone", FieldType: "phone"},
			FormField{Name: "hs_buying_role", Label: "Your role", FieldType: "multiple_checkboxes", Options: options("Decision Maker", "DECISION_MAKER", "Budget Holder", "BUDGET_HOLDER", "End User", "END_USER")},
			FormField{Name: "message", Label: "Message", Required: true, FieldType: "multi_line_text"}),
		form("c1d94e07-7a3f-4b58-8e26-0f9b6d2a4c83", "Newsletter sign-up", "2024-11-04T14:05:00Z", "You are on the list.",
			FormConsent{Type: "explicit_consent_to_process", ConsentToProcess: "We keep your address to send you the newsletter.", CheckboxLabel: "I agree to be sent the newsletter.",
				CommunicationText: "You can unsubscribe at any time.", Privacy: "See our privacy policy.",
				Communications: []ConsentCheckbox{{Required: true, SubscriptionType: 999, Label: "Monthly newsletter"}}},
			FormField{Name: "email", Label: "Email", Required: true, FieldType: "email", Validation: &FormValidation{BlockedEmailDomains: []string{}}},
			FormField{Name: "firstname", Label: "First name", FieldType: "single_line_text"},
			FormField{Name: "country", Label: "Country", FieldType: "dropdown", Options: options("Germany", "Germany", "France", "France", "United States", "United States", "Other", "Other")}),
		form("2b7e90d4-51c6-4f3b-a8d2-e46f1a09c735", "Webinar 2024", "2024-03-01T10:00:00Z", "See you there.",
			FormConsent{Type: "none"},
			FormField{Name: "email", Label: "Email", Required: true, FieldType: "email", Validation: &FormValidation{BlockedEmailDomains: []string{}}}),
	}
}

func form(id, name, created, thanks string, consent FormConsent, fields ...FormField) Form {
	f := Form{ID: id, Name: name, CreatedAt: created, UpdatedAt: created, Type: "hubspot", Consent: consent, Archived: name == "Webinar 2024",
		Display: FormDisplay{Theme: "default_style", SubmitButtonText: "Submit"},
		Configuration: FormConfiguration{Language: "en", Cloneable: true, Editable: true, Archivable: true, PostSubmit: PostSubmit{Type: "thank_you", Value: thanks},
			NotifyRecipients: []string{}, PrePopulate: true, LifecycleStages: []struct{}{}, HubSpotFormEmbedded: "V3"}}
	for _, x := range fields {
		x.ObjectTypeID = "0-1"
		f.Groups = append(f.Groups, FormGroup{GroupType: "default_group", RichTextType: "text", Fields: []FormField{x}})
	}
	return f
}

// options are choices by label and value.
func options(pairs ...string) []FormOption {
	all := make([]FormOption, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, FormOption{Label: pairs[i], Value: pairs[i+1], DisplayOrder: i / 2})
	}
	return all
}
