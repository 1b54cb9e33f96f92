// The words that demos/sentiment_analysis knows, by how strongly they speak: from -4 (the worst) to 4 (the best).
// Inflected forms are listed where they are common; nothing is stemmed, so that what is listed is all that counts.

const WORDS_BY_WEIGHT = {
  4: `best brilliant excellent exceptional flawless incredible magnificent masterpiece outstanding perfect perfection
    phenomenal sensational splendid stunning sublime superb unbeatable`,
  3: `adore adored adores amazing astonishing awesome beautiful beautifully delight delighted delightful ecstatic
    exquisite fabulous fantastic gorgeous great greatest heavenly impressive joy joyful love loved lovely loves loving
    marvellous marvelous perfectly remarkable superior terrific thrilled thrilling treasure triumph triumphant
    wonderful wonderfully`,
  2: `admire admired appreciate appreciated appreciates attractive bargain better bless blessed bravo charming cheer
    cheerful clever comfortable congratulations courteous creative dazzling dependable durable eager elegant enjoy
    enjoyable enjoyed enjoying enjoys enthusiastic excited exciting favorite favourite friendly fun funny generous
    genuine glad glorious good gracious grateful happier happily happiness happy helpful honest hope hopeful
    innovative inspired inspiring intuitive kind laugh laughed lively nice nicely passion passionate peaceful pleasant
    pleased pleasing pleasure polite praise praised proud refreshing reliable reward rewarding rich robust satisfied
    satisfying seamless secure sincere sleek smile smiled smooth smoothly solid success successful successfully support
    supportive sweet talented thank thankful thanks thoughtful trust trusted trustworthy valuable vibrant warm welcome
    welcoming win winner wise won worthy`,
  1: `able accurate adequate affordable agree agreed calm capable care clean clear convenient cool correct decent
    easily easy effective efficient fair fast fine fresh gain gentle handy healthy improve improved improvement
    improves interested interesting like liked likes neat okay original pretty productive prompt quick quickly quiet
    ready recommend recommended relaxed respect responsive safe sharp simple smart stable steady strong suitable
    sturdy tasty useful well works worth`,
  "-1": `annoy average avoid bland bore cheap cold complicated confuse confused confusing costly crowded delay delayed
    delays difficult dislike disliked dull expensive forgot hard heavy issue issues lack lacking lacks late limited
    loud mediocre messy missing mistake mistakes noisy odd outdated overpriced plain problem problems questionable rough
    shallow slow slower slowly small strange tired tiring uncomfortable unclear uneven unsure weak weird worn`,
  "-2": `abandon absurd afraid alone anger angry annoyed annoying annoys anxious argue ashamed bad badly bitter blame
    boring bother bothered broke broken bug buggy bugs bulky careless clumsy complain complained complaint complaints
    concern concerned crack cracked crash crashed crashes cry damage damaged defective depressed depressing deny dirty
    disagree disappoint disappointed disappointing disappointment disappoints distressing doubt doubtful embarrassed
    embarrassing error errors fail failed failing fails failure fake false fault faulty fear flaw flawed flimsy foolish
    frustrate frustrated frustrating frustration gloomy greedy guilty harm harmful hurt hurts ignorant ignored impolite
    inaccurate inconvenient inferior insecure irritated irritating jealous lazy leak leaked leaks lie lied lies lonely
    lose loses losing loss lost miserable mislead misleading nasty neglect nervous nightmare nonsense painful poor poorly
    refuse refused regret regrets reject rejected ripoff rude ruin ruined sad sadly sadness scared scratched shame sick
    spoiled stale stole stolen stress stressed stressful stuck stupid suffer suffered sucks tasteless trouble ugly
    unacceptable unable unfair unfortunately unfriendly unhappy unhelpful unpleasant unreliable unsafe upset upsetting
    useless waste wasted worried worry worse wrong`,
  "-3": `abuse abused abysmal appalling atrocious awful awfully betray betrayed catastrophe catastrophic crap cruel cruelty
    despair despise despised destroy destroyed devastated devastating disaster disastrous disgrace disgraceful disgust
    disgusted disgusting dreadful evil fraud ghastly grief hate hated hates hateful hatred hideous horrendous horrible
    horribly horrific horror infuriating insult insulted insulting lousy outrage outraged outrageous pathetic rage
    repulsive scam scammed scams terrible terribly terrified terror torture trash unbearable vile worthless`,
  "-4": `abomination garbage murder murdered unforgivable worst`,
};

/** How strongly a word speaks, by the word in lower case. */
export const WEIGHTS = new Map(
  Object.entries(WORDS_BY_WEIGHT).flatMap(([weight, words]) =>
    words.split(/\s+/).map((word) => [word, Number(weight)]),
  ),
);

/** What a word right before another does to its strength: above 1 it speaks louder, below 1 softer. */
export const INTENSIFIERS = new Map([
  ...words("absolutely completely deeply enormously entirely exceptionally extremely hugely totally utterly", 1.6),
  ...words("especially highly incredibly insanely particularly really remarkably so super such too truly very", 1.35),
  ...words("almost fairly kinda mostly partly quite rather relatively somewhat sort sorta", 0.7),
  ...words("barely little marginally occasionally scarcely slightly", 0.5),
]);

/** Words that turn the sense of what follows; every word that ends in n't does too. */
export const NEGATIONS = new Set(
  `aint cannot cant didnt doesnt dont hardly isnt lacks neither never no nobody none nor not nothing nowhere rarely
   seldom shouldnt wasnt werent without wont wouldnt`.split(/\s+/),
);

/** Words after which the speaker says what counts. */
export const TURNS = new Set("but however nevertheless nonetheless still though yet".split(" "));

function words(list, factor) {
  return list.split(" ").map((word) => [word, factor]);
}
