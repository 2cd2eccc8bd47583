//! Words that columns of countries hold.

use crate::table::words::plain;

/// The codes of ISO 3166-1, and what people write for one of them.
const CODES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW UK EL";

/// Names in English, German and French, of some in their own language, and codes of three letters:
/// letters and digits alone, in lower case.
const NAMES: &str = "\
    andorra unitedarabemirates afghanistan anguilla albania armenia angola antarctica argentina \
    austria australia aruba ålandislands azerbaijan barbados bangladesh belgium burkinafaso bulgaria \
    bahrain burundi benin bermuda brunei bolivia brazil bahamas bhutan bouvetisland botswana belarus \
    belize canada cocoskeelingislands centralafricanrep switzerland côtedivoire cookislands chile \
    cameroon china colombia costarica cuba capeverde curaçao christmasisland cyprus czechrepublic \
    germany djibouti denmark dominica dominicanrepublic algeria ecuador estonia egypt westernsahara \
    eritrea spain ethiopia finland fiji falklandislands micronesia faroeislands france gabon grenada \
    georgia frenchguiana guernsey ghana gibraltar greenland gambia guinea guadeloupe \
    equatorialguinea greece guatemala guam guineabissau guyana hongkong honduras croatia haiti \
    hungary indonesia ireland israel isleofman india iraq iran iceland italy jersey jamaica jordan \
    japan kenya kyrgyzstan cambodia kiribati comoros kuwait caymanislands kazakhstan laos lebanon \
    liechtenstein srilanka liberia lesotho lithuania luxembourg latvia libya morocco monaco moldova \
    montenegro madagascar marshallislands northmacedonia mali mongolia macau northernmarianaislands \
    martinique mauritania montserrat malta mauritius maldives malawi mexico malaysia mozambique \
    namibia newcaledonia niger norfolkisland nigeria nicaragua netherlands norway nepal nauru niue \
    newzealand oman panama peru frenchpolynesia papuanewguinea philippines pakistan poland pitcairn \
    puertorico palestine portugal palau paraguay qatar réunion romania serbia russia rwanda \
    saudiarabia solomonislands seychelles sudan sweden singapore slovenia svalbardjanmayen slovakia \
    sierraleone sanmarino senegal somalia suriname southsudan saotomeprincipe elsalvador syria \
    turkscaicosis chad togo thailand tajikistan tokelau easttimor turkmenistan tunisia tonga turkey \
    trinidadtobago tuvalu taiwan tanzania ukraine uganda unitedstates uruguay uzbekistan vaticancity \
    venezuela vietnam vanuatu wallisfutuna yemen mayotte southafrica zambia zimbabwe unitedkingdom \
    greatbritain britain england scotland wales northernireland uk unitedstatesofamerica usa us \
    bosniaandherzegovina antiguaandbarbuda trinidadandtobago czechia southkorea northkorea korea \
    republicofkorea congo democraticrepublicofthecongo ivorycoast thenetherlands holland myanmar \
    burma eswatini samoa turkiye türkiye russianfederation macao saintlucia saintvincent \
    republicofireland hongkongsar macedonia swaziland caboverde timorleste deutschland österreich \
    oesterreich schweiz frankreich italien spanien niederlande belgien luxemburg polen tschechien \
    tschechischerepublik slowakei slowenien ungarn kroatien rumänien bulgarien griechenland schweden \
    norwegen dänemark finnland irland island estland lettland litauen türkei russland \
    vereinigteskönigreich grossbritannien großbritannien schottland vereinigtestaaten kanada \
    brasilien mexiko australien neuseeland indien südafrika ägypten marokko serbien zypern albanien \
    nordmazedonien bosnienundherzegowina südkorea vereinigtearabischeemirate saudiarabien allemagne \
    autriche suisse belgique paysbas italie espagne royaumeuni grandebretagne angleterre irlande \
    étatsunis etatsunis danemark suède suede norvège norvege finlande pologne grèce grece roumanie \
    bulgarie hongrie tchéquie républiquetchèque slovaquie slovénie croatie estonie lettonie lituanie \
    chypre malte russie turquie maroc algérie algerie tunisie sénégal sénegal cameroun brésil \
    mexique australie nouvellezélande inde chine japon afriquedusud égypte egypte liban israël \
    españa italia nederland belgië sverige norge danmark suomi polska česko magyarország brasil gbr \
    deu fra nld bel lux irl aut che ita esp prt pol swe nor dnk fin cze hun can aus nzl ind";

/// Whether the text is a country's code or name.
pub(super) fn is_country(text: &str) -> bool {
    let is_among = |words: &str, one: &str| words.split(' ').any(|word| word == one);
    match text.len() {
        0 | 1 => false,
        2 => is_among(CODES, &text.to_ascii_uppercase()),
        _ => is_among(NAMES, &plain(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::is_country;

    #[test]
    fn countries_are_told_from_other_words() {
        for text in [
            "DE",
            "gb",
            "UK",
            "Germany",
            "Großbritannien",
            "United States",
            "Côte d'Ivoire",
        ] {
            assert!(is_country(text), "{text}");
        }
        for text in ["", "XX", "yes", "no!", "Kent", "London", "Client Ltd"] {
            assert!(!is_country(text), "{text}");
        }
    }
}
