package suggest

import (
	"slices"
	"strings"
)

// concept is something that CRMs keep, the HubSpot properties that hold it and
// the words by which people name it. Words stand in the form in which a person
// writes them and are separated by commas.
type concept struct {
	what       string // what it is, for the reason
	properties string // HubSpot's internal names, the likeliest first
	en         string
	de         string
	fr         string
	es         string
}

// concepts are the common fields of HubSpot's object types.
// Property names are those of HubSpot's default properties.
var concepts = []concept{
	{"first name", "firstname", "first name, given name, forename, fname, first", "vorname, rufname", "prénom", "nombre, nombre de pila, primer nombre"},
	{"last name", "lastname", "last name, surname, family name, lname, last", "nachname, familienname, zuname, name", "nom, nom de famille", "apellido, apellidos"},
	{"salutation", "salutation", "salutation, form of address, prefix, honorific", "anrede", "civilité", "tratamiento, saludo"},
	{"e-mail", "email", "email, e-mail, email address, e-mail address, mail, home email", "e-mail-adresse, mailadresse, emailadresse", "courriel, adresse e-mail, adresse électronique, adresse mail", "correo, correo electrónico, dirección de correo"},
	{"work e-mail", "work_email, email", "work email, business email, office email", "e-mail geschäftlich, geschäftliche e-mail, e-mail arbeit", "email professionnel, courriel professionnel", "correo de trabajo, correo laboral"},
	{"phone number", "phone", "phone, phone number, telephone, tel, telephone number, work phone, business phone, landline, home phone", "telefon, telefonnummer, tel nr, festnetz, rufnummer", "téléphone, numéro de téléphone, tél", "teléfono, número de teléfono, telefono fijo"},
	{"mobile phone number", "mobilephone", "mobile, mobile phone, mobile number, cell, cell phone, cellphone", "handy, mobil, mobiltelefon, handynummer, mobilnummer", "portable, mobile, téléphone portable, téléphone mobile", "móvil, celular, teléfono móvil"},
	{"fax number", "fax", "fax, fax number, telefax", "faxnummer", "télécopie, numéro de fax", "número de fax"},
	{"job title", "jobtitle", "job title, title, position, role, job role, occupation", "position, berufsbezeichnung, funktion, stelle, tätigkeit", "fonction, poste, intitulé du poste", "cargo, puesto, puesto de trabajo"},
	{"company name", "company", "company, company name, organization, organisation, employer, account name, business name", "firma, firmenname, unternehmen, arbeitgeber", "entreprise, société, raison sociale, employeur", "empresa, compañía, nombre de la empresa, razón social"},
	{"name", "name, dealname, subject", "name, company, company name, organization, organisation, account name, business name", "firma, firmenname, unternehmen, unternehmensname, name", "nom, entreprise, société, raison sociale, nom de l'entreprise", "nombre, empresa, compañía, razón social"},
	{"website", "website", "website, web site, url, homepage, web, website url, web address", "webseite, webadresse, internetadresse", "site web, site internet", "sitio web, página web"},
	{"company domain", "domain", "domain, company domain, company domain name, web domain", "domäne, domain", "domaine, nom de domaine", "dominio"},
	{"street address", "address", "address, street, street address, street 1, address 1, address line 1", "straße, adresse, anschrift, straße und hausnummer", "adresse, rue, voie", "dirección, calle, domicilio"},
	{"second address line", "address2", "address 2, street 2, address line 2, suite, apartment", "adresszusatz, adresse 2", "complément d'adresse, adresse 2", "dirección 2, complemento de dirección"},
	{"city", "city", "city, town", "stadt, ort, wohnort", "ville, commune", "ciudad, localidad, población"},
	{"state or region", "state, hs_state_code", "state, region, province, state/region, county", "bundesland, land/region, kanton", "région, département, province", "estado, provincia, comunidad"},
	{"postal code", "zip", "zip, zip code, postal code, postcode, zipcode, post code", "plz, postleitzahl", "code postal, cp", "código postal, cp"},
	{"country", "country, hs_country_region_code", "country, country/region, nation", "land, staat", "pays", "país"},
	{"date of birth", "date_of_birth", "date of birth, birthday, birthdate, birth date, dob", "geburtsdatum, geburtstag", "date de naissance", "fecha de nacimiento, cumpleaños"},
	{"gender", "gender", "gender, sex", "geschlecht", "sexe, genre", "género, sexo"},
	{"language", "hs_language", "language, preferred language", "sprache", "langue", "idioma, lengua"},
	{"industry", "industry", "industry, sector, branch", "branche", "secteur, secteur d'activité", "sector, industria"},
	{"number of employees", "numberofemployees, numemployees", "number of employees, employees, headcount, employee count, company size, staff", "mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter", "effectif, nombre d'employés", "empleados, número de empleados"},
	{"annual revenue", "annualrevenue", "annual revenue, revenue, turnover", "umsatz, jahresumsatz", "chiffre d'affaires", "ingresos anuales, facturación, facturación anual"},
	{"description", "description, hs_object_description, content", "description, about, details", "beschreibung", "description", "descripción"},
	{"lifecycle stage", "lifecyclestage", "lifecycle stage, lifecycle, customer status", "lebenszyklusphase, kundenstatus", "phase du cycle de vie, statut client", "etapa del ciclo de vida"},
	{"lead status", "hs_lead_status", "lead status, status", "leadstatus, status", "statut du lead, statut", "estado del lead, estatus"},
	{"owner", "hubspot_owner_id", "owner, contact owner, company owner, deal owner, account manager, sales rep, account owner, record owner, assigned to", "betreuer, kundenbetreuer, zuständig, besitzer, vertriebsmitarbeiter", "propriétaire, commercial, responsable de compte", "propietario, comercial, responsable"},
	{"deal name", "dealname", "deal name, opportunity name, opportunity, deal, deal title", "dealname, geschäft, verkaufschance", "nom de la transaction, affaire, opportunité", "nombre del negocio, oportunidad, negocio"},
	{"amount", "amount", "amount, value, deal value, deal amount, price, total, sum", "betrag, summe, wert, auftragswert", "montant, valeur", "importe, cantidad, valor, monto"},
	{"close date", "closedate", "close date, closing date, closed, expected close date", "abschlussdatum", "date de fermeture, date de clôture", "fecha de cierre"},
	{"deal stage", "dealstage", "deal stage, stage, stage name, sales stage", "phase, deal-phase, verkaufsphase", "étape, phase de la transaction", "etapa, etapa del negocio"},
	{"pipeline", "pipeline, hs_pipeline", "pipeline", "pipeline", "pipeline", "pipeline, embudo"},
	{"deal type", "dealtype", "deal type, opportunity type, type", "deal-typ, geschäftsart", "type de transaction", "tipo de negocio"},
	{"currency", "deal_currency_code", "currency, currency code, iso currency", "währung", "devise, monnaie", "moneda, divisa"},
	{"ticket name", "subject", "subject, ticket name, title, summary", "betreff", "objet, sujet", "asunto"},
	{"ticket description", "content", "content, body, message, ticket description", "inhalt, nachricht", "contenu, message", "contenido, mensaje"},
	{"priority", "hs_ticket_priority, hs_priority", "priority, urgency, severity", "priorität, dringlichkeit", "priorité", "prioridad"},
	{"ticket status", "hs_pipeline_stage", "ticket status, status", "ticketstatus, status", "statut du ticket, statut", "estado del ticket"},
	{"customer since", "customer_since", "customer since, client since, start date, member since", "kunde seit", "client depuis", "cliente desde"},
	{"LinkedIn page", "hs_linkedin_url, linkedin_company_page", "linkedin, linkedin url, linkedin profile, linkedin page", "linkedin-profil", "profil linkedin", "perfil de linkedin"},
	{"X handle", "twitterhandle", "twitter, twitter handle, twitter username, x handle", "", "", ""},
	{"message", "message", "message, comment, comments, remarks, notes, note", "nachricht, bemerkung, bemerkungen, notiz, notizen, kommentar", "message, commentaire, remarques", "mensaje, comentario, comentarios, notas"},
	{"marital status", "marital_status", "marital status", "familienstand", "état civil", "estado civil"},
	{"seniority", "seniority, hs_seniority", "seniority, level", "hierarchieebene", "ancienneté", "antigüedad"},
	{"time zone", "hs_timezone, timezone", "time zone, timezone", "zeitzone", "fuseau horaire", "zona horaria"},
	{"founded year", "founded_year", "founded, founded year, year founded", "gründungsjahr", "année de fondation", "año de fundación"},
	{"product name", "name", "product, product name, item, article", "produkt, produktname, artikel", "produit, article", "producto, artículo"},
	{"SKU", "hs_sku", "sku, article number, item number, product code", "artikelnummer", "référence", "referencia"},
	{"quantity", "quantity", "quantity, qty, units", "menge, anzahl", "quantité", "cantidad"},
	{"unit price", "price", "price, unit price, list price", "preis, stückpreis", "prix, prix unitaire", "precio, precio unitario"},
	{"the date that an activity stands under", "hs_timestamp", "date, activity date, date and time, timestamp, created, created at, created on, created date, due date, due, logged at, sent at, call date, meeting date, note date", "datum, erstellt, erstellt am, fällig, fällig am, fälligkeitsdatum", "date, créé le, échéance, date d'échéance", "fecha, creado, fecha de vencimiento"},
	{"what was written or said", "hs_note_body, hs_task_body, hs_call_body, hs_meeting_body, hs_communication_body, hs_postal_mail_body, hs_email_text", "note, notes, body, text, note body, content, comment, comments, remarks, description, details, message", "notiz, notizen, text, inhalt, bemerkung, beschreibung", "note, texte, contenu, commentaire, remarques", "nota, texto, contenido, comentario"},
	{"what an activity is called", "hs_task_subject, hs_call_title, hs_meeting_title, hs_email_subject", "subject, title, name, task, task name, call, meeting, meeting name, topic", "betreff, titel, aufgabe, thema", "objet, sujet, titre, tâche", "asunto, título, tarea"},
	{"how far a task is", "hs_task_status", "status, task status, state", "status", "statut", "estado"},
	{"priority of a task", "hs_task_priority", "priority, urgency", "priorität", "priorité", "prioridad"},
	{"direction of a call", "hs_call_direction, hs_email_direction", "direction, call direction", "richtung", "sens, direction", "dirección"},
	{"when a meeting begins", "hs_meeting_start_time", "start, start time, begin, from", "beginn, start, von", "début", "inicio"},
	{"when a meeting ends", "hs_meeting_end_time", "end, end time, to, until", "ende, bis", "fin", "fin"},
	{"lead name", "hs_lead_name", "lead, lead name, name, title", "lead, name", "nom, nom du lead", "nombre, nombre del lead"},
}

// said is one entry of the dictionary: a word names a concept in a language.
type said struct {
	concept  *concept
	language string // "German", "" for English
}

// dictionary finds by the compact form of a word. A word may stand for several
// concepts.
var dictionary = index()

// umlauts writes German words as people do who lack the keys.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

func index() map[string][]said {
	words := map[string][]said{}
	for i := range concepts {
		c := &concepts[i]
		for _, list := range []struct{ language, words string }{{"", c.en}, {"German", c.de}, {"French", c.fr}, {"Spanish", c.es}} {
			for _, word := range items(list.words) {
				for _, spelling := range []string{word, umlauts.Replace(word)} {
					key := spellOf(spelling).compact
					if entry := (said{c, list.language}); !slices.Contains(words[key], entry) {
						words[key] = append(words[key], entry)
					}
				}
			}
		}
	}
	return words
}

func items(list string) []string {
	var out []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}
