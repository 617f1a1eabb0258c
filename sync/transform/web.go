package transform

import (
	"fmt"
	"strings"

	"syncline/sync/record"
)

var webTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "url-domain",
			Description: "Takes the domain out of a web address, without www.",
			Example:     Step{Name: "url-domain"}, Input: "https://www.Example.com/about", Output: "example.com",
		},
		apply:    applyURLDomain,
		inverse:  noWay,
		describe: says("takes the domain of a web address"),
	},
	{
		Spec: Spec{
			Name:        "email-domain",
			Description: "Takes the domain out of an e-mail address.",
			Args: []Arg{{
				Name: "free", Kind: KindChoice, Choices: []string{"keep", "blank"}, Default: "keep",
				Description: "what becomes of domains where anyone can have an address, such as gmail.com",
			}},
			Example: Step{Name: "email-domain"}, Input: "Ada@Example.com", Output: "example.com",
		},
		apply:    applyEmailDomain,
		inverse:  noWay,
		describe: says("takes the domain of an e-mail address"),
	},
}

func applyURLDomain(s string, _ args, _ *Env) (string, error) {
	rule := record.Rule{Compare: record.CompareURL}
	if !rule.Readable(record.Text(s)) {
		return "", fmt.Errorf("%s is not a web address", quoted(s))
	}
	host := rule.Canonical(record.Text(s)).String()
	if i := strings.IndexAny(host, "/?#:"); i >= 0 {
		host = host[:i]
	}
	return host, nil
}

func applyEmailDomain(s string, a args, _ *Env) (string, error) {
	rule := record.Rule{Compare: record.CompareEmail}
	if !rule.Readable(record.Text(s)) {
		return "", fmt.Errorf("%s is not an e-mail address", quoted(s))
	}
	address := rule.Canonical(record.Text(s)).String()
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if a.text("free") == "blank" && freeMail[domain] {
		return "", nil
	}
	return domain, nil
}

// SharedDomain reports whether a domain is that of mailboxes for anyone, or of
// pages that many have in one place, and so says nothing about a company.
func SharedDomain(domain string) bool { return freeMail[domain] || pagesOfMany[domain] }

var pagesOfMany = map[string]bool{
	"linkedin.com": true, "facebook.com": true, "m.facebook.com": true, "instagram.com": true, "twitter.com": true, "x.com": true, "youtube.com": true, "youtu.be": true,
	"tiktok.com": true, "xing.com": true, "vk.com": true, "pinterest.com": true, "linktr.ee": true, "google.com": true, "sites.google.com": true, "maps.google.com": true,
	"goo.gl": true, "bit.ly": true, "github.com": true, "wixsite.com": true, "wordpress.com": true, "blogspot.com": true, "medium.com": true, "etsy.com": true,
	"amazon.com": true, "ebay.com": true, "crunchbase.com": true, "yelp.com": true, "wikipedia.org": true, "en.wikipedia.org": true, "t.me": true, "wa.me": true, "notion.site": true,
}

// freeMail are large providers of mailboxes for anyone; their domain says
// nothing about a company.
var freeMail = map[string]bool{
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "hotmail.co.uk": true,
	"hotmail.de": true, "hotmail.fr": true, "live.com": true, "msn.com": true, "outlook.de": true, "outlook.fr": true,
	"yahoo.com": true, "yahoo.co.uk": true, "yahoo.de": true, "yahoo.fr": true, "ymail.com": true, "yahoo.co.jp": true,
	"icloud.com": true, "me.com": true, "mac.com": true, "aol.com": true, "gmx.de": true, "gmx.net": true, "gmx.at": true,
	"gmx.ch": true, "gmx.com": true, "web.de": true, "t-online.de": true, "freenet.de": true, "mail.de": true,
	"posteo.de": true, "mailbox.org": true, "proton.me": true, "protonmail.com": true, "tutanota.com": true, "hey.com": true,
	"mail.com": true, "mail.ru": true, "yandex.ru": true, "yandex.com": true, "qq.com": true, "163.com": true, "126.com": true,
	"orange.fr": true, "free.fr": true, "laposte.net": true, "wanadoo.fr": true, "libero.it": true, "virgilio.it": true,
	"bluewin.ch": true, "comcast.net": true, "verizon.net": true, "att.net": true, "sbcglobal.net": true, "btinternet.com": true,
	"zoho.com": true, "fastmail.com": true, "seznam.cz": true, "wp.pl": true, "o2.pl": true, "interia.pl": true,
	"uol.com.br": true, "bol.com.br": true, "terra.com.br": true, "rediffmail.com": true, "naver.com": true,
}
