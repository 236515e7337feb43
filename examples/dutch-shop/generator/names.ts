/** Material for invented people. */
export const WOMEN =
  'Anna,Anouk,Annelies,Bo,Carla,Daphne,Eline,Emma,Esmée,Fatima,Femke,Fleur,Hanneke,Inge,Iris,Jasmijn,Julia,Karin,Lieke,Lotte,Maaike,Margriet,Marijke,Noor,Nynke,Renée,Roos,Sanne,Saskia,Sophie,Tess,Willemijn,Yara,Zoë'.split(
    ',',
  )
export const MEN =
  "Ahmed,André,Arjen,Bas,Bram,Cees,Daan,Dirk,Erik,Finn,Gijs,Hans,Hendrik,Jaap,Jan,Jeroen,Joost,Kees,Lars,Luuk,Maarten,Mees,Mohammed,Niels,Piet,Pim,Ruben,Sem,Sjoerd,Sven,Thijs,Tim,Wouter,D'Angelo".split(
    ',',
  )

/** Infix and family name. */
export const FAMILIES: readonly (readonly [string | undefined, string])[] = (
  '|Jansen,de|Jong,|Bakker,van den|Berg,van|Dijk,|Visser,|Smit,|Meijer,de|Boer,|Mulder,de|Groot,|Bos,|Vos,|Peters,|Hendriks,van|Leeuwen,' +
  "|Dekker,|Brouwer,de|Wit,|Dijkstra,|Smits,de|Graaf,van der|Meer,|Kok,|Jacobs,van der|Linden,|Vermeulen,van den|Broek,de|Bruijn,van der|Heijden,|Schouten,van|Beek,|Willems,van|Vliet,van de|Ven,|Hoekstra,|Maas,|Verhoeven,in 't|Veld,op den|Akker,ter|Horst,'t|Hart,|Yılmaz,|El Amrani,|Pinas,|Nguyen,|Kuijpers-Bos"
)
  .split(',')
  .map((it) => it.split('|') as [string, string])
  .map(([infix, name]) => [infix || undefined, name] as const)

export interface Town {
  name: string
  country: 'NL' | 'BE'
  /** First four digits of its postcodes, from and to. */
  postcodes: readonly [number, number]
  area: string
}

export const TOWNS: readonly Town[] = [
  { name: 'Rotterdam', country: 'NL', postcodes: [3011, 3089], area: '010' },
  { name: 'Rotterdam', country: 'NL', postcodes: [3011, 3089], area: '010' },
  { name: 'Amsterdam', country: 'NL', postcodes: [1011, 1109], area: '020' },
  { name: "'s-Gravenhage", country: 'NL', postcodes: [2491, 2597], area: '070' },
  { name: 'Utrecht', country: 'NL', postcodes: [3511, 3585], area: '030' },
  { name: 'Eindhoven', country: 'NL', postcodes: [5611, 5658], area: '040' },
  { name: 'Groningen', country: 'NL', postcodes: [9711, 9747], area: '050' },
  { name: 'Zwolle', country: 'NL', postcodes: [8011, 8045], area: '038' },
  { name: 'Middelburg', country: 'NL', postcodes: [4331, 4341], area: '0118' },
  { name: "'s-Hertogenbosch", country: 'NL', postcodes: [5211, 5238], area: '073' },
  { name: 'Leeuwarden', country: 'NL', postcodes: [8911, 8941], area: '058' },
  { name: 'Antwerpen', country: 'BE', postcodes: [2000, 2060], area: '03' },
]

export const STREETS =
  "Dorpsstraat,Kerkstraat,Havenkade,Julianalaan,Molenweg,Prins Hendrikkade,Stationsweg,Wilhelminastraat,Nieuwe Gracht,Burgemeester van Rijnlaan,'t Zand,Oude Haven,Lange Nieuwstraat,Schoolstraat,Zeedijk,Het Hof".split(
    ',',
  )

export const MAIL_HOSTS = 'mail.example,post.example,thuis.example,kantoor.example,snelnet.example'.split(',')

export const COMPANIES =
  'Zeil & Zo,"De Gouden Anker" Horeca,Van Dam Interieurs,Botenloods Noord,Café De Sluis,Bureau Kaap,Vissers & Zonen,Kantoorhuis,Atelier Rood,Stichting Buurtkeuken'.split(
    ',',
  )
