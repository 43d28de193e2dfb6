using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Blobs.Docker.BuildKit;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Docker.BuildKit;

/// <summary>Tests the reader of bbolt databases with a writer, which is compared with pages of bbolt itself.</summary>
public sealed class BoltFileTests
{
    private const int PageBytes = 4096;

    [Fact]
    public void The_writer_makes_the_pages_that_bbolt_made_of_the_same()
    {
        // What an engine had after a build of three layers: its first page, and the only leaf.
        var meta = new byte[80];
        BoltWriter.Meta(meta, 0, PageBytes, rootPage: 3, freeListPage: 5, pageCount: 6, transaction: 16);
        Assert.Equal(
            "00000000000000000400000000000000edda0ced02000000001000000000000003000000000000000000000000000000"
            + "0500000000000000060000000000000010000000000000009bcd3dbba4570091",
            Convert.ToHexStringLower(meta));

        var snapshots = new Dictionary<string, object>
        {
            ["t3g4op2r17c1hl7b6ws1zf6dt"] = Layer("dd43c326c2ec15b45230e13e4c2810579c5a91884f3ecae817d873f7c673363b", "a9u03rm4m91fxdxv9hi28yry8"),
            ["q175v51i2nv1pfh5s7zn67fna"] = Layer("ae39616377d1123dd27d638e92deb33bf2c08a71b5ffd3e9a315e31d86ed8bdd", "1fjxr2lpi1pw5wroc2tw1z2s9"),
            ["guukb57hez5yp8zytnpwbza1f"] = Layer("c1de0cbe7d0c06740f32ca1640b5f42277568e6b7ee66862d7735bcf290841d3", "no62k5mm7013jd5a4eya0m854"),
            ["a9u03rm4m91fxdxv9hi28yry8"] = Committed(""),
            ["1fjxr2lpi1pw5wroc2tw1z2s9"] = Committed("t3g4op2r17c1hl7b6ws1zf6dt"),
            ["no62k5mm7013jd5a4eya0m854"] = Committed("q175v51i2nv1pfh5s7zn67fna"),
            ["6t5cog04379mdt2op9ow5octs"] = new Dictionary<string, object> { ["parent"] = "" },
            ["qxrih9jm7s1nccomvuxaxs6fp"] = new Dictionary<string, object> { ["parent"] = "" },
            ["rgkrt1bm8irblwzmf8cy8t23d"] = new Dictionary<string, object> { ["parent"] = "" },
        };
        byte[] leaf = BoltWriter.Write(snapshots)[(3 * PageBytes)..][..1368];
        Assert.Equal("sha256:5f0042c914498a947310acbb0dbe53f180c3ad6863179208f05942c0b924fae4", $"{Digest.OfSha256(leaf)}");

        static Dictionary<string, object> Layer(string chainId, string committed) =>
            new() { ["chainid"] = $"sha256:{chainId}", ["committed"] = committed };

        static Dictionary<string, object> Committed(string parent) => new() { ["iscommitted"] = "", ["parent"] = parent };
    }

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(16384)]
    [InlineData(65536)]
    public void Every_form_of_page_is_read(int pageBytes)
    {
        var database = new Dictionary<string, object>
        {
            ["inline"] = new Dictionary<string, object> { ["a"] = "1", ["b"] = "" },
            ["empty"] = new Dictionary<string, object>(),
            ["large"] = new Dictionary<string, object> { ["value"] = new byte[5 * pageBytes], ["after"] = "x" },
            ["nested"] = new Dictionary<string, object> { ["in"] = new Dictionary<string, object> { ["deep"] = new Dictionary<string, object> { ["k"] = "v" } } },
            ["many"] = Enumerable.Range(0, 40 * pageBytes / 64).ToDictionary(i => $"key-{i:d9}", i => (object)$"value-{i}"),
        };
        Assert.Equal(Describe(database), Describe(BoltWriter.Write(database, pageBytes)));
    }

    [Fact]
    public void Whatever_was_written_is_read() => Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 1, 12], Gen.Byte.Array[0, 300]).SelectMany(
            inner => Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 1, 12], Gen.Bool).Select(outer => (inner, outer)))
        .Sample(
            pair =>
            {
                Dictionary<string, object> values = pair.inner.ToDictionary(item => item.Key, item => (object)item.Value);
                Dictionary<string, object> database = pair.outer.ToDictionary(item => item.Key, item => item.Value ? values : (object)"text");
                Assert.Equal(Describe(database), Describe(BoltWriter.Write(database, 512)));
            },
            iter: 200);

    [Fact]
    public void The_transaction_that_was_written_last_counts()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["key"] = "new" });
        Array.Resize(ref file, file.Length + PageBytes);
        BoltWriter.LeafOf(4, [("key"u8.ToArray(), "old"u8.ToArray(), false)], PageBytes).CopyTo(file, 4 * PageBytes);

        SetMeta(file, 0, root: 3, transaction: 9);
        SetMeta(file, 1, root: 4, transaction: 8);
        Assert.Equal("key=new;", Describe(file));
        SetMeta(file, 1, root: 4, transaction: 10);
        Assert.Equal("key=old;", Describe(file));

        // What the crash of a machine leaves half written has a wrong checksum.
        file[PageBytes + 70] ^= 1;
        Assert.Equal("key=new;", Describe(file));
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void A_damaged_first_page_does_not_hide_the_second(int pageBytes)
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["key"] = "value" }, pageBytes);
        file.AsSpan(0, 80).Clear();
        Assert.Equal("key=value;", Describe(file));
    }

    [Theory]
    [InlineData(0, "no bbolt database")]
    [InlineData(40, "no bbolt database")]
    [InlineData(4096, "the file ends at 4096, inside page 3")]
    [InlineData(13000, "page 3 has 0 further pages")]
    public void A_file_that_was_cut_off_is_refused(int length, string message)
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["key"] = "value" });
        Refuse(file[..length], message);
    }

    [Fact]
    public void Another_version_is_refused()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["key"] = "value" });
        for (ulong id = 0; id < 2; id++)
        {
            BoltWriter.Meta(file.AsSpan((int)id * PageBytes), id, PageBytes, 3, 2, 4, 8, version: 3);
        }

        Refuse(file, "a bbolt database of version 3, expected 2");
    }

    [Fact]
    public void Both_first_pages_damaged_are_refused()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["key"] = "value" });
        file[20] ^= 1;
        file[PageBytes + 20] ^= 1;
        Refuse(file, "a bbolt database of version");
    }

    // Of the leaf at page 3: where, what, and what is said.
    [Theory]
    [InlineData(0, 4, "page 3 has the number")]
    [InlineData(8, 16, "page 3 has flags 16")]
    [InlineData(10, 255, "a page of 4096 bytes cannot have 65535 items")]
    [InlineData(12, 1, "page 3 has 1 further pages")]
    [InlineData(12, -1, "page 3 has 4294967295 further pages")]
    [InlineData(20, -1, "has no room there")]
    [InlineData(20, 0, "has no room there")]
    [InlineData(24, -1, "a key of 4294967295 bytes")]
    [InlineData(24, 32768, "has no room there")]
    [InlineData(28, -1, "has no room there")]
    public void A_page_with_a_wrong_field_is_refused(int at, int value, string message)
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["a"] = "1", ["b"] = "2" });
        if (at == 10)
        {
            file.AsSpan((3 * PageBytes) + at, 2).Fill((byte)value);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan((3 * PageBytes) + at), at == 8 ? value | (2 << 16) : value);
        }

        Refuse(file, message);
    }

    [Fact]
    public void Keys_out_of_order_are_refused()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["a"] = "1", ["b"] = "2" });
        int keys = (3 * PageBytes) + 16 + (2 * 16);
        Assert.Equal((byte)'a', file[keys]);
        file[keys] = (byte)'c';
        Refuse(file, "key 'b' follows 'c'");
    }

    [Fact]
    public void Items_that_share_bytes_are_refused()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["a"] = "1", ["b"] = "2" });
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan((3 * PageBytes) + 32 + 4), 16 + 1);
        Refuse(file, "has no room there");
    }

    [Fact]
    public void A_page_that_is_used_twice_is_refused()
    {
        byte[] file = BoltWriter.Write(Enumerable.Range(0, 200).ToDictionary(i => $"{i:d4}", _ => (object)new byte[100]));
        int branch = Enumerable.Range(0, file.Length / PageBytes).Single(i => file[(i * PageBytes) + 8] == 1) * PageBytes;
        file.AsSpan(branch + 16 + 8, 8).CopyTo(file.AsSpan(branch + 32 + 8));
        Refuse(file, "is used twice");

        // Itself.
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(branch + 16 + 8), branch / PageBytes);
        Refuse(file, "is used twice");

        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(branch + 16 + 8), long.MaxValue);
        Refuse(file, "page 9223372036854775807 does not exist");
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(branch + 16 + 8), 1);
        Refuse(file, "page 1 does not exist");
    }

    [Fact]
    public void A_bucket_that_is_too_short_is_refused()
    {
        byte[] file = BoltWriter.Write(new Dictionary<string, object> { ["a"] = "1" });
        file[(3 * PageBytes) + 16] = 1;
        Refuse(file, "a bucket of 1 bytes");
    }

    [Fact]
    public void Branches_that_never_end_are_refused()
    {
        const int Depth = 40;
        var file = new byte[(3 + Depth) * PageBytes];
        SetMeta(file, 0, root: 3, transaction: 1);
        for (int i = 0; i < Depth; i++)
        {
            Span<byte> page = file.AsSpan((3 + i) * PageBytes);
            BinaryPrimitives.WriteInt64LittleEndian(page, 3 + i);
            BinaryPrimitives.WriteInt32LittleEndian(page[8..], 1 | (1 << 16));
            BinaryPrimitives.WriteInt32LittleEndian(page[16..], 16);
            BinaryPrimitives.WriteInt64LittleEndian(page[24..], 4 + i);
        }

        Refuse(file, "more than 32 pages");
    }

    private static void SetMeta(byte[] file, int id, ulong root, ulong transaction) => BoltWriter.Meta(
        file.AsSpan(id * PageBytes), (ulong)id, PageBytes, root, 2, (ulong)(file.Length / PageBytes), transaction);

    private static void Refuse(byte[] file, string message)
    {
        MalformedDataException fault = Assert.Throws<MalformedDataException>(() => Describe(file));
        Assert.Equal(Fault.BoltDatabase, fault.Fault);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    private static string Describe(byte[] file)
    {
        BoltFile database = BoltFile.Open(new MemoryStream(file));
        return Describe(database.Root);

        string Describe(BoltBucket bucket) => string.Concat(database.Items(bucket).Select(item =>
            $"{Encoding.Latin1.GetString(item.Key.Span)}={(item.IsBucket ? $"{{{Describe(item.ToBucket())}}}" : Shown(item.Value.ToArray()))};"));
    }

    private static string Describe(Dictionary<string, object> bucket) => string.Concat(
        bucket.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Key}=" +
            $"{(item.Value is Dictionary<string, object> inner ? $"{{{Describe(inner)}}}" : Shown(item.Value as byte[] ?? Encoding.UTF8.GetBytes((string)item.Value)))};")));

    private static string Shown(byte[] value) => value.Length < 40 ? Encoding.Latin1.GetString(value) : $"{Digest.OfSha256(value)}";
}
