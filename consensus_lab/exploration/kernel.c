/* The search of every schedule, compiled: what `breadth_first.py` and `successors.py` do.

   It knows no protocol. A configuration is a key of `width` words of 64 bits, laid out by Python (encoding.py). What
   can happen is a *memo*: a function by its number, and a part of a key, to a list of *rows* of `width` words. Python
   computes a memo when it is first needed; all that are missing in a chunk are asked for together, since a crossing
   costs as much as a hundred successors.

   The functions, in the order of their numbers:

     events     a table of successors.py each: an inbox to pairs of rows (x, o); a successor is (key ^ x) | o
     vital      one a node, where messages may be left out: a local state to the bits of what can still matter to it
     decides    one a node: a local state to the bits of the values decided
     idle       one a node: an inbox to 1 if nothing can happen there but faults, else 0
     rank       one for each interchangeable node: an inbox to a number that is the same for its images
     image      one for each renaming and node: an inbox to its image
     sort       how the ranks compare to: are they in order (0 or 1), and the renamings that put them so
     renumber   a bit and a number in its line to the bit of the same message with that number

   The host calls `advance` until it says DONE. Where it says MISSES, the host reads them (`ask`), and brings the
   answers (`answer`); the chunk is then begun anew, and nothing of it has been kept before it was whole. So a search
   may end between any two calls with a graph that is true as far as it goes.

   Memory only grows, and no address is handed out twice: blocks of records are taken one by one, and a table of slots
   that became too small is cut up for blocks. All addresses are below 4 GiB; when these are used up the search ends
   (FULL) like at any other bound. */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name))) name
#define INLINE static inline __attribute__((always_inline))

enum { DONE, MISSES, BOUND, FULL, MORE };
enum { BLOCK = 1 << 14, MOST_BLOCKS = 1 << 15, MOST_WIDTH = 256, MOST_REGIONS = 1 << 10, MOST_RECENT = 1 << 12 };
enum { CHUNK = 4096, GROUP = 64, MOST_MISSES = 1 << 13 };

#define UNKNOWN 0xffffffffu  /* a memo that Python has been asked for */
#define UNASKED 0xfffffffeu  /* and one that it has not */

/* -- memory --------------------------------------------------------------------------------------------------- */

extern u8 __heap_base;
static u64 top, size, limit; /* the first byte that is free, the end of memory, and how far it may grow */
static u64 reserve;          /* what a search leaves for the walks over its graph */
static struct { u32 at, size; } regions[MOST_REGIONS]; /* what was given back */
static u32 region_count;
static int full;

static int grow_to(u64 end) { /* let memory have so many bytes, if it may */
    if (end + reserve > limit) return 0;
    if (end <= size) return 1;
    u64 missing = end - size, pages = ((missing > 1 << 20 ? missing : 1 << 20) + 65535) >> 16;
    if (__builtin_wasm_memory_grow(0, pages) == (unsigned long)-1) return 0;
    size += pages << 16;
    return 1;
}

static void *take(u64 bytes) {
    bytes = (bytes + 63) & ~63ull;
    for (u32 r = region_count; r-- > 0;) {
        if (regions[r].size >= bytes) {
            void *taken = (void *)regions[r].at;
            regions[r].at += bytes;
            regions[r].size -= bytes;
            if (!regions[r].size) regions[r] = regions[--region_count];
            return taken;
        }
    }
    if (!grow_to(top + bytes)) {
        full = 1;
        return 0;
    }
    void *taken = (void *)(u32)top;
    top += bytes;
    return taken;
}

static void give_back(void *address, u64 bytes) {
    u32 at = (u32)address, end;
    bytes = (bytes + 63) & ~63ull;
    if (!bytes) return;
    end = at + bytes;
    for (u32 r = 0; r < region_count; r++) {
        if (regions[r].at + regions[r].size == at || regions[r].at == end) {
            if (regions[r].at == end) regions[r].at = at;
            regions[r].size += bytes;
            return;
        }
    }
    if (region_count < MOST_REGIONS) { /* else it is lost */
        regions[region_count].at = at;
        regions[region_count++].size = bytes;
    }
}

static void clear(void *address, u64 bytes) { __builtin_memset(address, 0, bytes); }

/* -- records of words, each with a number beside it ------------------------------------------------------------ */

typedef struct {
    u32 width, count, blocks;
    u8 *block[MOST_BLOCKS];
} Records;

INLINE u64 *words(const Records *records, u32 width, u32 i) {
    return (u64 *)records->block[i / BLOCK] + (i % BLOCK) * width;
}

INLINE u32 *number(const Records *records, u32 width, u32 i) {
    return (u32 *)(records->block[i / BLOCK] + 8ull * width * BLOCK) + i % BLOCK;
}

INLINE u64 block_size(u32 width) { return (8ull * width + 4) * BLOCK; }

static __attribute__((noinline)) int room(Records *records) { /* is there room for one more? */
    if (records->count / BLOCK < records->blocks) return 1;
    if (records->blocks == MOST_BLOCKS) full = 1;
    u8 *block = full ? 0 : take(block_size(records->width));
    if (!block) return 0;
    records->block[records->blocks++] = block;
    return 1;
}

static int widen_records(Records *records, u32 width) { /* the new words are 0, and come last */
    u32 old = records->width;
    for (u32 b = 0; b < records->blocks; b++) {
        u8 *from = records->block[b], *to = take(block_size(width));
        if (!to) return 0;
        for (u32 i = 0; i < BLOCK; i++) {
            for (u32 w = 0; w < width; w++) {
                ((u64 *)to)[i * width + w] = w < old ? ((u64 *)from)[i * old + w] : 0;
            }
        }
        __builtin_memcpy(to + 8ull * width * BLOCK, from + 8ull * old * BLOCK, 4 * BLOCK);
        records->block[b] = to;
        give_back(from, block_size(old));
    }
    records->width = width;
    return 1;
}

/* -- tables: records that are found by their words --------------------------------------------------------------

   A slot has a hash and the number of a record, from 1; 0 is free. The hash alone says where a slot belongs, and in
   order: a table that doubles is read and written from front to back, and no record is looked at. */

typedef struct {
    Records records;
    u64 *slots;
    u32 bits;
} Table;

INLINE u32 hash(u32 width, const u64 *key) { /* words of 0 at the end change nothing */
    u64 sum = 0;
    for (u32 w = 0; w < width; w++) {
        u64 mixed = key[w] * (0x9e3779b97f4a7c15ull + 2 * w);
        mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93ull;
        sum += mixed ^ mixed >> 29;
    }
    return (u32)(sum * 0xff51afd7ed558ccdull >> 32);
}

INLINE int equal(u32 width, const u64 *a, const u64 *b) {
    u64 different = 0;
    for (u32 w = 0; w < width; w++) different |= a[w] ^ b[w];
    return !different;
}

static int open_table(Table *table, u32 bits) {
    u64 *slots = take(8ull << bits);
    if (!slots) return 0;
    clear(slots, 8ull << bits);
    table->slots = slots;
    table->bits = bits;
    return 1;
}

static __attribute__((noinline)) int double_table(Table *table) {
    u64 *old = table->slots;
    u32 bits = table->bits;
    if (!open_table(table, bits + 1)) return 0;
    for (u64 k = 0; k < 1ull << bits; k++) {
        if (!old[k]) continue;
        u32 at = (u32)(old[k] >> 32) >> (32 - table->bits), last = (1u << table->bits) - 1;
        while (table->slots[at]) at = (at + 1) & last;
        table->slots[at] = old[k];
    }
    give_back(old, 8ull << bits);
    return 1;
}

/* The number of a record and 1, or 0 where there is none; `at` is then the slot where it would be. */
INLINE u32 find(const Table *table, u32 width, const u64 *key, u32 h, u32 *at) {
    u32 last = (1u << table->bits) - 1;
    for (*at = h >> (32 - table->bits);; *at = (*at + 1) & last) {
        u64 slot = table->slots[*at];
        if (!slot) return 0;
        if (slot >> 32 == h && equal(width, words(&table->records, width, (u32)slot - 1), key)) return (u32)slot;
    }
}

/* Make room for one more, before `find`; 0 when memory is full. */
INLINE int prepare(Table *table) {
    if (table->records.count >= (3u << table->bits) / 4 && !double_table(table)) return 0;
    return room(&table->records);
}

INLINE void add(Table *table, u32 width, const u64 *key, u32 h, u32 at, u32 note) {
    u32 i = table->records.count++;
    u64 *record = words(&table->records, width, i);
    for (u32 w = 0; w < width; w++) record[w] = key[w];
    *number(&table->records, width, i) = note;
    table->slots[at] = (u64)h << 32 | (i + 1);
}

/* -- the state of a search ------------------------------------------------------------------------------------- */

static u32 width;
static u32 nodes, events, vitals, moved_count, renamings, keeps;
static u32 vital, decides, idle, rank, image, sort, renumber; /* the first function of each kind */
static u32 moved[16];
static u32 most, expanded;

static Table configurations; /* the number beside each is that of the one it was first reached from */
static Table memos;          /* function, part of a key; beside it the first row */
static Records rows;         /* beside the first row of a list is the number of its rows */
static Table parts;          /* see `distinct` */
static u32 recent[MOST_RECENT]; /* function -> the memo that was found last, from 1 */

static u64 *masks;   /* a row each: of the tables of events, of inboxes, of local states, of the budgets */
static u32 *places;  /* bit -> (number of its line, its number in the line) */
static u64 *lines;   /* a row each: the bits of all the copies of a line */
static u32 misses[MOST_MISSES], miss_count, answered;

static u32 *known;   /* the memos of a chunk: for each configuration its tables of events, then what is vital */
static u64 *found;   /* successors, not yet looked up */
static u32 *origin;  /* and of which configuration */
static u32 found_count, room_found;

static u64 *exchange; /* what the host reads and writes */
static u32 exchange_size;

INLINE u64 *inbox_mask(u32 W, u32 i) { return masks + (events + i) * W; }
INLINE u64 *state_mask(u32 W, u32 i) { return masks + (events + nodes + i) * W; }
INLINE u64 *budget_mask(u32 W) { return masks + (events + 2 * nodes) * W; }

/* Note a memo that was never looked for, or is to be asked for. The number of its record and 1; 0 when memory is full. */
static __attribute__((noinline)) u32 new_memo(const u64 *key, u32 h) {
    u32 at;
    if (!prepare(&memos)) return 0;
    find(&memos, width + 1, key, h, &at); /* only now, as the slots may be others */
    add(&memos, width + 1, key, h, at, UNASKED);
    return memos.records.count;
}

static __attribute__((noinline)) void miss(u32 entry, u32 *first) {
    if (miss_count == MOST_MISSES) return;
    misses[miss_count++] = entry - 1;
    *first = UNKNOWN;
}

/* The first row of a memo; UNKNOWN where Python has to be asked. `key` is [function, part of a key]. */
INLINE u32 look_up(u32 W, const u64 *key) {
    u32 function = (u32)key[0], at, entry = function < MOST_RECENT ? recent[function] : 0;
    if (!entry || !equal(W, words(&memos.records, W + 1, entry - 1) + 1, key + 1)) {
        u32 h = hash(W + 1, key);
        entry = find(&memos, W + 1, key, h, &at);
        if (!entry && !(entry = new_memo(key, h))) return UNKNOWN;
        if (function < MOST_RECENT) recent[function] = entry;
    }
    u32 *first = number(&memos.records, W + 1, entry - 1);
    if (*first == UNASKED) miss(entry, first);
    return *first == UNASKED ? UNKNOWN : *first;
}

INLINE u32 look_up_part(u32 W, u32 function, const u64 *key, const u64 *mask) {
    u64 part[MOST_WIDTH + 1];
    part[0] = function;
    for (u32 w = 0; w < W; w++) part[w + 1] = key[w] & mask[w];
    return look_up(W, part);
}

INLINE u32 look_up_word(u32 W, u32 function, u64 word) {
    u64 part[MOST_WIDTH + 1];
    part[0] = function;
    part[1] = word;
    for (u32 w = 1; w < W; w++) part[w + 1] = 0;
    return look_up(W, part);
}

INLINE int stopped(void) { return miss_count || full; }
static u32 why(void) { return full ? FULL : MISSES; }

/* -- successors ------------------------------------------------------------------------------------------------ */

/* Behind what is in flight already: the bits of `sent`, each with its number in its line. They go to `key`. */
INLINE void post(u32 W, u64 *key, const u64 *sent) {
    static u32 bits[64 * MOST_WIDTH];
    u32 count = 0;
    for (u32 w = 0; w < W; w++) {
        for (u64 left = sent[w]; left; left &= left - 1) {
            u32 bit = 64 * w + __builtin_ctzll(left), k = count++;
            for (; k && places[2 * bits[k - 1] + 1] > places[2 * bit + 1]; k--) bits[k] = bits[k - 1];
            bits[k] = bit;
        }
    }
    for (u32 k = 0; k < count; k++) {
        u32 bit = bits[k], waiting = 0;
        const u64 *line = lines + places[2 * bit] * W;
        for (u32 w = 0; w < W; w++) waiting += __builtin_popcountll(key[w] & line[w]);
        if (waiting != places[2 * bit + 1]) {
            u32 first = look_up_word(W, renumber, (u64)waiting << 32 | bit);
            if (first == UNKNOWN) return;
            bit = (u32)words(&rows, W, first)[0];
        }
        key[bit / 64] |= 1ull << bit % 64;
    }
}

/* The image of a configuration under a renaming; 0 where Python has to be asked. */
INLINE int rename(u32 W, u32 renaming, const u64 *key, u64 *there) {
    int whole = 1;
    for (u32 w = 0; w < W; w++) there[w] = key[w] & budget_mask(W)[w];
    for (u32 i = 0; i < nodes; i++) {
        u32 first = look_up_part(W, image + renaming * nodes + i, key, inbox_mask(W, i));
        if (first == UNKNOWN) whole = 0;
        else for (u32 w = 0; w < W; w++) there[w] |= words(&rows, W, first)[w];
    }
    return whole;
}

INLINE int less(u32 W, const u64 *a, const u64 *b) {
    for (u32 w = W; w-- > 0;) {
        if (a[w] != b[w]) return a[w] < b[w];
    }
    return 0;
}

/* Put the configuration that stands for its orbit in the place of `key`. */
INLINE void make_canonical(u32 W, u64 *key) {
    u64 ranks[16], pattern = 0, there[MOST_WIDTH], least[MOST_WIDTH];
    int whole = 1;
    for (u32 m = 0; m < moved_count; m++) {
        u32 first = look_up_part(W, rank + m, key, inbox_mask(W, moved[m]));
        if (first == UNKNOWN) whole = 0;
        else ranks[m] = words(&rows, W, first)[0];
    }
    if (!whole) return;
    for (u32 m = 0; m < moved_count; m++) {
        u64 before = 0;
        for (u32 k = 0; k < moved_count; k++) before += ranks[k] < ranks[m];
        pattern |= before << 4 * m;
    }
    u32 first = look_up_word(W, sort, pattern);
    if (first == UNKNOWN) return;
    u32 count = *number(&rows, W, first);
    int any = (int)words(&rows, W, first)[0]; /* is it a candidate itself? */
    if (any && count == 1) return;
    for (u32 w = 0; w < W; w++) least[w] = key[w];
    for (u32 r = 1; r < count; r++) {
        if (!rename(W, (u32)words(&rows, W, first + r)[0], key, there)) whole = 0;
        if (!any || less(W, there, least)) {
            for (u32 w = 0; w < W; w++) least[w] = there[w];
        }
        any = 1;
    }
    if (whole) for (u32 w = 0; w < W; w++) key[w] = least[w];
}

/* Look up the memos of the configurations from one to another. */
INLINE void read_chunk(u32 W, u32 from, u32 to) {
    u32 each = events + vitals;
    for (u32 c = from; c < to && miss_count < MOST_MISSES; c++) {
        const u64 *key = words(&configurations.records, W, c);
        u32 *mine = known + (c - from) * each;
        for (u32 t = 0; t < events; t++) mine[t] = look_up_part(W, t, key, masks + t * W);
        for (u32 i = 0; i < vitals; i++) mine[events + i] = look_up_part(W, vital + i, key, state_mask(W, i));
    }
}

/* All successors of the configurations from `from` on, as far as there is room; those before what is returned. */
INLINE u32 find_successors(u32 W, u32 chunk, u32 from, u32 to) {
    u32 c, each = events + vitals;
    found_count = 0;
    for (c = from; c < to; c++) {
        u64 key[MOST_WIDTH], alive[MOST_WIDTH], sent[MOST_WIDTH];
        const u32 *mine = known + (c - chunk) * each;
        u32 count = 0;
        for (u32 t = 0; t < events; t++) count += *number(&rows, W, mine[t]) / 2;
        if (found_count + count > room_found) break;
        for (u32 w = 0; w < W; w++) {
            key[w] = words(&configurations.records, W, c)[w];
            alive[w] = 0;
            for (u32 i = 0; i < vitals; i++) alive[w] |= words(&rows, W, mine[events + i])[w];
        }
        for (u32 t = 0; t < events; t++) {
            for (u32 r = mine[t], end = r + *number(&rows, W, r); r < end; r += 2) {
                const u64 *x = words(&rows, W, r), *o = words(&rows, W, r + 1);
                u64 *there = found + found_count * W;
                origin[found_count++] = c;
                for (u32 w = 0; w < W; w++) {
                    there[w] = key[w] ^ x[w];
                    sent[w] = vitals ? o[w] & alive[w] : o[w];
                    if (keeps) there[w] |= sent[w];
                }
                if (!keeps) post(W, there, sent);
            }
        }
    }
    if (renamings && !stopped()) {
        for (u32 k = 0; k < found_count; k++) {
            u64 *there = found + k * W;
            u32 at;
            if (!find(&configurations, W, there, hash(W, there), &at)) make_canonical(W, there);
        }
    }
    return c;
}

static u64 sink; /* what is read only so that it is near when it is needed */

INLINE void fetch(u32 W, u32 from, u32 to, u32 *hashes) {
    u64 sum = 0;
    for (u32 k = from; k < to; k++) {
        u32 h = hashes[k - from] = hash(W, found + k * W);
        sum += configurations.slots[h >> (32 - configurations.bits)];
    }
    sink = sum;
    for (u32 k = from; k < to; k++) {
        u64 slot = configurations.slots[hashes[k - from] >> (32 - configurations.bits)];
        if (slot >> 32 == hashes[k - from]) sum += *words(&configurations.records, W, (u32)slot - 1);
    }
    sink = sum;
}

/* Keep those that are new. On a bound, `expanded` is the first configuration that has lost a successor. */
INLINE u32 keep(u32 W) {
    u32 hashes[GROUP], at;
    for (u32 from = 0; from < found_count; from += GROUP) {
        u32 to = from + GROUP < found_count ? from + GROUP : found_count;
        fetch(W, from, to, hashes);
        for (u32 k = from; k < to; k++) {
            const u64 *there = found + k * W;
            u32 h = hashes[k - from], bits = configurations.bits;
            if (find(&configurations, W, there, h, &at)) continue;
            if (configurations.records.count >= most || !prepare(&configurations)) {
                expanded = origin[k];
                return full ? FULL : BOUND;
            }
            if (bits != configurations.bits) find(&configurations, W, there, h, &at);
            add(&configurations, W, there, h, at, origin[k]);
            reserve += 4; /* for `reach` */
        }
    }
    return DONE;
}

static int more_found(u32 W) {
    u64 *more = take(16ull * W * room_found);
    u32 *from = take(8ull * room_found);
    if (!more || !from) return 0;
    give_back(found, 8ull * W * room_found);
    give_back(origin, 4ull * room_found);
    found = more, origin = from, room_found *= 2;
    return 1;
}

INLINE u32 advance_by(u32 W, u32 limit) {
    u64 stop = (u64)expanded + limit;
    while (expanded < configurations.records.count) {
        if (expanded >= stop) return MORE;
        u32 chunk = expanded, end = configurations.records.count;
        if (end > chunk + CHUNK) end = chunk + CHUNK;
        read_chunk(W, chunk, end);
        while (!stopped() && expanded < end) {
            u32 next = find_successors(W, chunk, expanded, end);
            if (stopped()) break;
            if (next == expanded) { /* one alone has more than there is room for */
                if (!more_found(W)) return FULL;
                continue;
            }
            u32 status = keep(W);
            if (status) return status;
            expanded = next;
        }
        if (stopped()) return why();
    }
    return DONE;
}

#define BY_WIDTH(call) /* the usual widths have loops of their own, unrolled */ \
    switch (width) { \
    case 1: { enum { W = 1 }; call; break; } \
    case 2: { enum { W = 2 }; call; break; } \
    case 3: { enum { W = 3 }; call; break; } \
    default: { u32 W = width; call; break; } \
    }

/* Go on with the search until something is to be said, or about `limit` more configurations are expanded. */
u32 EXPORT(advance)(u32 limit) {
    u32 status = DONE;
    if (full) return FULL;
    BY_WIDTH(status = advance_by(W, limit))
    return status;
}

/* -- walks over the graph ---------------------------------------------------------------------------------------

   Each goes on where it stopped, until it says DONE. The first two leave configurations in `exchange`, after how many
   these are. */

static u32 seen_quiet, seen_distinct, seeded, unspread, changed, *reach;

static u32 window(u32 from, u32 to, u32 most_at_once) { /* where a call ends; what it finds has room in `exchange` */
    u32 fit = (exchange_size / 8 - 1) / width;
    if (most_at_once > fit) most_at_once = fit;
    return to - from > most_at_once ? from + most_at_once : to;
}

static u64 *tell(u64 *to, u32 c) {
    const u64 *key = words(&configurations.records, width, c);
    for (u32 w = 0; w < width; w++) *to++ = key[w];
    exchange[0]++;
    return to;
}

static u32 rests(u32 c) {
    const u64 *key = words(&configurations.records, width, c);
    u32 i, first = 0;
    for (i = 0; i < nodes; i++) {
        first = look_up_part(width, idle + i, key, inbox_mask(width, i));
        if (first == UNKNOWN || !words(&rows, width, first)[0]) return 0;
    }
    return 1;
}

/* The expanded configurations in which nothing can happen but faults. */
u32 EXPORT(next_quiet)(void) {
    u32 end = window(seen_quiet, expanded, CHUNK);
    u64 *to = exchange + 1;
    exchange[0] = 0;
    for (u32 c = seen_quiet; c < end; c++) {
        if (rests(c)) to = tell(to, c);
    }
    if (stopped()) return why();
    seen_quiet = end;
    return seen_quiet < expanded ? MORE : DONE;
}

/* The first of all configurations that have the same bits under the mask in the last row of `masks`. */
u32 EXPORT(next_distinct)(void) {
    u32 end = window(seen_distinct, configurations.records.count, 16 * CHUNK);
    u64 *to = exchange + 1;
    exchange[0] = 0;
    const u64 *mask = masks + (events + 2 * nodes + 1) * width;
    for (; seen_distinct < end; seen_distinct++) {
        const u64 *key = words(&configurations.records, width, seen_distinct);
        u64 part[MOST_WIDTH];
        for (u32 w = 0; w < width; w++) part[w] = key[w] & mask[w];
        u32 at, h = hash(width, part);
        if (!prepare(&parts)) return FULL;
        if (find(&parts, width, part, h, &at)) continue;
        add(&parts, width, part, h, at, 0);
        to = tell(to, seen_distinct);
    }
    return seen_distinct < configurations.records.count ? MORE : DONE;
}

static void forget_parts(void) {
    for (u32 b = 0; b < parts.records.blocks; b++) give_back(parts.records.block[b], block_size(parts.records.width));
    parts.records.blocks = parts.records.count = 0;
    parts.records.width = width;
    clear(parts.slots, 8ull << parts.bits);
}

/* The search has ended: the walks may have what it left them. */
void EXPORT(end_search)(void) {
    reserve = full = 0;
}

/* Begin these two anew. */
void EXPORT(rewind)(void) {
    seen_quiet = seen_distinct = 0;
    forget_parts();
}

/* What each configuration has decided, as bits from 1 up; bit 0 where the search has not looked beyond. */
u32 EXPORT(seed_reach)(void) {
    u32 count = configurations.records.count, end = count - seeded > CHUNK ? seeded + CHUNK : count;
    if (!reach && !(reach = take(4ull * count))) return FULL;
    for (u32 c = seeded; c < end; c++) {
        const u64 *key = words(&configurations.records, width, c);
        reach[c] = c >= expanded;
        for (u32 i = 0; i < nodes; i++) {
            u32 first = look_up_part(width, decides + i, key, state_mask(width, i));
            if (first != UNKNOWN) reach[c] |= (u32)words(&rows, width, first)[0] << 1;
        }
    }
    if (stopped()) return why();
    seeded = end;
    return seeded < count ? MORE : DONE;
}

INLINE u32 spread(u32 W, u32 limit) {
    u32 hashes[GROUP], at;
    while (unspread && limit) {
        u32 from = unspread > CHUNK / 16 ? unspread - CHUNK / 16 : 0;
        read_chunk(W, from, unspread);
        if (stopped()) return why();
        u32 next = find_successors(W, from, from, unspread);
        if (stopped()) return why();
        if (next < unspread) { /* not all of them fit */
            if (!more_found(W)) return FULL;
            continue;
        }
        for (u32 low = 0; low < found_count; low += GROUP) { /* numbers in the place of keys */
            u32 high = low + GROUP < found_count ? low + GROUP : found_count;
            fetch(W, low, high, hashes);
            for (u32 k = low; k < high; k++) {
                found[k * W] = find(&configurations, W, found + k * W, hashes[k - low], &at);
            }
        }
        for (u32 k = found_count; k-- > 0;) {
            u32 there = (u32)found[k * W], more = there ? reach[there - 1] & ~reach[origin[k]] : 0;
            if (more) reach[origin[k]] |= more, changed = 1;
        }
        limit = limit > unspread - from ? limit - (unspread - from) : 0;
        unspread = from;
    }
    return unspread ? MORE : DONE;
}

/* From each configuration to those before it, the last first: what can be reached. */
u32 EXPORT(spread_reach)(u32 limit) {
    u32 status = DONE;
    BY_WIDTH(status = spread(W, limit))
    return status;
}

/* Begin this walk; did the last one change anything? */
u32 EXPORT(begin_spread)(void) {
    u32 did = changed;
    unspread = expanded, changed = 0;
    return did;
}

void EXPORT(read_reach)(u32 from, u32 count) {
    for (u32 c = 0; c < count; c++) exchange[c] = reach[from + c];
}

/* -- what the host calls --------------------------------------------------------------------------------------- */

static int set_tables(u32 new_width) { /* what has as many words as a key, and is written anew by the host */
    u64 each = events + vitals;
    width = new_width;
    room_found = CHUNK;
    masks = take(8ull * width * (events + 2 * nodes + 2));
    found = take(8ull * width * room_found);
    origin = take(4ull * room_found);
    if (!known) known = take(4ull * CHUNK * (each ? each : 1));
    if (!keeps) {
        places = take(8ull * 64 * width);
        lines = take(8ull * 64 * width * width);
    }
    return !full;
}

/* The functions there are; see above. `keeping` is 1 where a delivery leaves what is in flight as it is. */
u32 EXPORT(begin)(u32 words_each, u32 node_count, u32 tables, u32 vital_count, u32 moves, u32 renaming_count,
                  u32 keeping, u32 most_pages) {
    limit = (u64)most_pages << 16;
    reserve = limit / 32;
    top = (u64)((u32)&__heap_base + 63u & ~63u);
    size = (u64)__builtin_wasm_memory_size(0) << 16;
    nodes = node_count, events = tables, vitals = vital_count, keeps = keeping;
    moved_count = moves, renamings = renaming_count;
    vital = events, decides = vital + vitals, idle = decides + nodes, rank = idle + nodes;
    image = rank + moved_count, sort = image + renamings * nodes, renumber = sort + 1;
    configurations.records.width = parts.records.width = rows.width = words_each;
    memos.records.width = words_each + 1;
    rows.count = 1; /* the empty list */
    if (!open_table(&configurations, 14) || !open_table(&memos, 10) || !open_table(&parts, 10)) return FULL;
    if (!room(&rows) || !set_tables(words_each)) return FULL;
    *number(&rows, width, 0) = 0;
    return DONE;
}

void EXPORT(set_moved)(u32 place, u32 node) { moved[place] = node; }

/* Bits have run out: `words_each` words a key from now on. */
u32 EXPORT(widen)(u32 words_each) {
    u64 needed = configurations.records.blocks * block_size(words_each) + memos.records.blocks * block_size(words_each + 1)
               + rows.blocks * block_size(words_each) + 16ull * 64 * words_each * (words_each + 64) + (1 << 20);
    if (words_each > MOST_WIDTH || !grow_to(top + needed)) return FULL; /* and nothing has changed */
    if (!widen_records(&configurations.records, words_each)) return FULL;
    if (!widen_records(&memos.records, words_each + 1) || !widen_records(&rows, words_each)) return FULL;
    int done = set_tables(words_each);
    forget_parts(); /* what was told is told once more */
    return done ? DONE : FULL;
}

u64 *EXPORT(masks_at)(void) { return masks; }
u32 *EXPORT(places_at)(void) { return places; }
u64 *EXPORT(lines_at)(void) { return lines; }

/* At least so many bytes in which host and kernel hand things to each other; 0 when memory is full. */
u64 *EXPORT(exchange_at)(u32 bytes) {
    if (bytes > exchange_size) {
        u64 *more = take(bytes);
        if (!more) return 0;
        if (exchange) give_back(exchange, exchange_size);
        exchange = more, exchange_size = bytes;
    }
    return exchange;
}

/* Write to `exchange` what is missing, a function and a part of a key each; how many these are. */
u32 EXPORT(ask)(void) {
    u32 each = width + 1, count = exchange_size / 8 / each;
    if (count > miss_count) count = miss_count;
    for (u32 k = count; k < miss_count; k++) *number(&memos.records, each, misses[k]) = UNASKED;
    for (u32 k = 0; k < count; k++) {
        const u64 *key = words(&memos.records, each, misses[k]);
        for (u32 w = 0; w < each; w++) exchange[k * each + w] = key[w];
    }
    miss_count = count, answered = 0;
    return count;
}

/* Read from `exchange` the answers to the next `count` of these: how many rows, and the rows. */
u32 EXPORT(answer)(u32 count) {
    const u64 *from = exchange;
    for (; count; count--) {
        u32 length = (u32)*from++, first = length ? rows.count : 0;
        for (u32 r = 0; r < length; r++, rows.count++) {
            if (!room(&rows)) return FULL;
            u64 *row = words(&rows, width, rows.count);
            for (u32 w = 0; w < width; w++) row[w] = *from++;
            *number(&rows, width, rows.count) = length - r;
        }
        *number(&memos.records, width + 1, misses[answered++]) = first;
    }
    if (answered == miss_count) miss_count = 0;
    return DONE;
}

/* There will be no answers: ask again when they are needed. */
void EXPORT(drop_misses)(void) {
    for (u32 k = answered; k < miss_count; k++) *number(&memos.records, width + 1, misses[k]) = UNASKED;
    miss_count = answered = 0;
}

/* Bits were handed out: what is vital has to be asked for anew. */
void EXPORT(forget_vital)(void) {
    for (u32 m = 0; vitals && m < memos.records.count; m++) {
        u64 function = words(&memos.records, width + 1, m)[0];
        u32 *first = number(&memos.records, width + 1, m);
        if (function >= vital && function < decides && *first != UNKNOWN) *first = UNASKED;
    }
}

/* More configurations, from `exchange`, each after the number of its parent; the first `done` of all are expanded. */
u32 EXPORT(load)(u32 count, u32 done, u32 bound) {
    most = bound, expanded = done;
    for (const u64 *from = exchange; count; count--, from += width + 1) {
        u32 at, h = hash(width, from + 1);
        if (!prepare(&configurations)) return FULL;
        find(&configurations, width, from + 1, h, &at);
        add(&configurations, width, from + 1, h, at, (u32)*from);
    }
    return DONE;
}

u32 EXPORT(count)(void) { return configurations.records.count; }
u32 EXPORT(expanded_count)(void) { return expanded; }
u32 EXPORT(pages)(void) { return (u32)(size >> 16); }

/* The number of the configuration in `exchange`; -1 where it was not visited. */
u32 EXPORT(number_of)(void) {
    u32 at;
    return find(&configurations, width, exchange, hash(width, exchange), &at) - 1;
}

u32 EXPORT(depth)(u32 c) {
    u32 events_before = 0;
    while ((c = *number(&configurations.records, width, c)) != UNKNOWN) events_before++;
    return events_before;
}

/* Write `count` configurations from `from` on to `exchange`: the number of its parent, and the key. */
void EXPORT(read)(u32 from, u32 count) {
    u64 *to = exchange;
    for (u32 i = from; i < from + count; i++) {
        const u64 *key = words(&configurations.records, width, i);
        *to++ = *number(&configurations.records, width, i);
        for (u32 w = 0; w < width; w++) *to++ = key[w];
    }
}
