using System.Text;
using Blobs.Errors;
using Blobs.Tar;
using Blobs.Tar.Internal;
using Blobs.Tests.Testing;
using CsCheck;

namespace Blobs.Tests.Tar;

public sealed class TarReaderTests
{
    private static readonly byte[] OneFile = Archive.Of(Archive.File("a.txt", "hello\n"));

    [Fact]
    public void Reads_a_plain_file()
    {
        EntryCollector read = EntryCollector.Read(OneFile);
        Assert.Equal(["0 a.txt mode=644 0:0 size=6/6 mtime=0.000000000"], read.Entries);
        Assert.Equal("hello\n"u8.ToArray(), read.Payloads[0]);
    }

    [Fact]
    public void Every_byte_is_framing_or_payload_however_the_archive_is_cut() =>
        Gen.Select(TarGen.Members, Gen.Int[1, 3000], Pick.From(TarFormat.Pax, TarFormat.Gnu)).Sample((members, chunkBytes, format) =>
        {
            byte[] archive = Archive.Of(format, members);
            EntryCollector whole = EntryCollector.Read(archive);
            EntryCollector cut = EntryCollector.Read(archive, chunkBytes);
            return whole.AllBytes.AsSpan().SequenceEqual(archive)
                && cut.AllBytes.AsSpan().SequenceEqual(archive)
                && cut.Entries.SequenceEqual(whole.Entries)
                && cut.Payloads.Zip(whole.Payloads).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        });

    [Fact]
    public void The_reader_returns_the_members_that_the_writer_wrote() =>
        TarGen.Members.Sample(members =>
        {
            EntryCollector read = EntryCollector.Read(Archive.Of(members));
            return read.Entries.Count == members.Length && members.Zip(read.Entries).All(pair =>
                pair.Second.StartsWith(
                    $"{(char)pair.First.Member.Type} {Encoding.Latin1.GetString(pair.First.Member.Name)} mode={Convert.ToString(pair.First.Member.Mode, 8)} {pair.First.Member.Uid}:{pair.First.Member.Gid} ",
                    StringComparison.Ordinal)
                && pair.Second.Contains(
                    $"mtime={pair.First.Member.ModifiedTime.Seconds}.{pair.First.Member.ModifiedTime.Nanoseconds:d9}",
                    StringComparison.Ordinal));
        });

    [Fact]
    public void Everything_after_two_zero_blocks_is_the_tail()
    {
        byte[] archive = [.. OneFile, .. new byte[8192], .. "junk"u8];
        EntryCollector read = EntryCollector.Read(archive);
        Assert.Equal(OneFile.Length, read.EndOffset);
        Assert.Equal(archive, read.AllBytes);
        Assert.Equal(1, read.EndCount);
    }

    [Fact]
    public void Accepts_an_archive_without_end_marker() => Assert.Single(EntryCollector.Read(OneFile[..1024]).Entries);

    [Fact]
    public void Accepts_one_zero_block_at_the_end() => Assert.Single(EntryCollector.Read(OneFile[..1536]).Entries);

    [Fact]
    public void Accepts_missing_padding_at_the_end() => Assert.Single(EntryCollector.Read(OneFile[..518]).Entries);

    [Fact]
    public void Accepts_an_empty_stream() => Assert.Empty(EntryCollector.Read([]).Entries);

    [Theory]
    [InlineData(100, Fault.TarTruncated)]
    [InlineData(512, Fault.TarTruncated)]
    [InlineData(517, Fault.TarTruncated)]
    [InlineData(1100, Fault.TarTruncated)]
    public void Rejects_an_archive_that_ends_inside_a_member(int length, Fault fault) =>
        Assert.Equal(fault, FaultOf(OneFile[..length]).Fault);

    [Fact]
    public void Rejects_a_single_zero_block_before_a_header()
    {
        MalformedDataException error = FaultOf([.. new byte[512], .. OneFile]);
        Assert.Equal(Fault.TarLoneZeroBlock, error.Fault);
        Assert.Equal(512, error.Offset);
    }

    [Fact]
    public void Rejects_a_header_with_a_wrong_checksum()
    {
        byte[] archive = [.. OneFile];
        archive[3] ^= 1;
        MalformedDataException error = FaultOf(archive);
        Assert.Equal(Fault.TarChecksum, error.Fault);
        Assert.Equal(0, error.Offset);
    }

    [Fact]
    public void Accepts_a_checksum_that_is_a_sum_of_signed_bytes()
    {
        byte[] archive = Archive.Of(Archive.File("a", ""));
        archive[0] = 0xe9;
        long sum = (8 * ' ') + archive.Take(512).Where((_, i) => i is < 148 or >= 156).Sum(value => (long)(sbyte)value);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8),6}\0 ").CopyTo(archive, 148);
        Assert.Single(EntryCollector.Read(archive).Entries);
    }

    [Fact]
    public void A_trailing_slash_marks_a_directory_in_old_archives()
    {
        byte[] archive = [.. Archive.Raw(0, "d/", []), .. Archive.Raw(0, "f", []), .. Archive.End];
        Assert.Equal(["5 d/", "0 f"], EntryCollector.Read(archive).Entries.Select(entry => entry[..entry.IndexOf(" mode", StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData('1')]
    [InlineData('2')]
    [InlineData('5')]
    [InlineData('6')]
    public void Header_only_types_have_no_payload_whatever_their_size_says(char type)
    {
        byte[] header = Archive.Raw((byte)type, "x", [], block => "00000001000"u8.CopyTo(block.AsSpan(TarLayout.Size)));
        EntryCollector read = EntryCollector.Read([.. header, .. OneFile]);
        Assert.Equal(2, read.Entries.Count);
        Assert.Contains("size=512/0", read.Entries[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('Z')]
    [InlineData('7')]
    [InlineData('D')]
    public void Unknown_types_have_payload(char type)
    {
        byte[] archive = [.. Archive.Raw((byte)type, "x", "data"u8.ToArray()), .. OneFile];
        Assert.Equal("data"u8.ToArray(), EntryCollector.Read(archive).Payloads[0]);
    }

    [Fact]
    public void Gnu_long_names_and_links_belong_to_the_next_member()
    {
        string name = new('n', 300);
        string link = new('l', 200);
        byte[] archive = Archive.Of(TarFormat.Gnu, Archive.Link(TarEntryType.SymbolicLink, name, link), Archive.File("b", ""));
        EntryCollector read = EntryCollector.Read(archive, 7);
        Assert.Equal($"2 {name} mode=777 0:0 size=0/0 mtime=0.000000000 -> {link}", read.Entries[0]);
        Assert.StartsWith("0 b ", read.Entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_of_several_extensions_replaces_the_others()
    {
        byte[] archive =
        [
            .. Archive.Pax(("uid", "77"), ("path", "first")),
            .. Archive.Pax(("path", "second")),
            .. OneFile,
        ];
        Assert.StartsWith("0 second mode=644 0:0", EntryCollector.Read(archive).Entries[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_global_extension_is_an_entry_and_does_not_change_others()
    {
        byte[] archive = [.. Archive.GlobalPax(("uid", "77")), .. OneFile];
        EntryCollector read = EntryCollector.Read(archive);
        Assert.StartsWith("g pax_global_header", read.Entries[0], StringComparison.Ordinal);
        Assert.Contains("size=0/0", read.Entries[0], StringComparison.Ordinal);
        Assert.Contains(" 0:0 ", read.Entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_a_pax_record_overrides_the_header()
    {
        byte[] member = Archive.Raw((byte)'0', "f", "hello"u8.ToArray(), block => "00000000000"u8.CopyTo(block.AsSpan(TarLayout.Size)));
        byte[] archive = [.. Archive.Pax(("size", "5")), .. member, .. Archive.End];
        Assert.Equal("hello"u8.ToArray(), EntryCollector.Read(archive).Payloads[0]);
    }

    [Theory]
    [InlineData("6 a=b")]
    [InlineData("99 a=b\n")]
    [InlineData("x a=b\n")]
    [InlineData("4 =\n")]
    [InlineData("6 =bc\n")]
    [InlineData("13 path=a\0b\n")]
    [InlineData("11 uid=1x3\n")]
    [InlineData("14 mtime=1.x2\n")]
    [InlineData("8 a\0=bc\n")]
    public void Rejects_a_pax_record_that_does_not_parse(string record)
    {
        byte[] archive = [.. Archive.Raw((byte)'x', "h", Encoding.ASCII.GetBytes(record)), .. OneFile];
        Assert.Equal(Fault.TarPaxRecord, FaultOf(archive).Fault);
    }

    [Fact]
    public void Rejects_a_negative_size()
    {
        byte[] archive = Archive.Raw((byte)'0', "f", [], block => block.AsSpan(TarLayout.Size, 12).Fill(0xff));
        Assert.Equal(Fault.TarSize, FaultOf(archive).Fault);
    }

    [Fact]
    public void Rejects_an_extension_larger_than_the_limit()
    {
        byte[] archive = [.. Archive.Raw((byte)'x', "h", new byte[2000]), .. OneFile];
        LimitExceededException error = Assert.Throws<LimitExceededException>(
            () => EntryCollector.Read(archive, limits: new Limits { ExtensionBytes = 1999 }));
        Assert.Equal(nameof(Limits.ExtensionBytes), error.Limit);
    }

    [Fact]
    public void Rejects_endless_extensions()
    {
        byte[] extension = Archive.Raw((byte)'L', "h", "name"u8.ToArray());
        byte[] archive = [.. Enumerable.Repeat(extension, 100).SelectMany(bytes => bytes), .. OneFile];
        Assert.Throws<LimitExceededException>(() => EntryCollector.Read(archive, limits: new Limits { FramingBytes = 64 << 10 }));
    }

    [Fact]
    public void Rejects_more_entries_than_the_limit()
    {
        byte[] archive = Archive.Of(Archive.File("a", ""), Archive.File("b", ""));
        Assert.Equal(2, EntryCollector.Read(archive, limits: new Limits { Entries = 2 }).Entries.Count);
        Assert.Throws<LimitExceededException>(() => EntryCollector.Read(archive, limits: new Limits { Entries = 1 }));
    }

    [Fact]
    public void Reads_the_old_gnu_sparse_map()
    {
        byte[] archive =
        [
            .. Archive.Raw((byte)'S', "s", new byte[512], block =>
            {
                "ustar  \0"u8.CopyTo(block.AsSpan(TarLayout.Magic));
                "00000001000\000000001000"u8.CopyTo(block.AsSpan(TarLayout.GnuSparse));
                "00000004000"u8.CopyTo(block.AsSpan(TarLayout.GnuRealSize));
            }),
            .. Archive.End,
        ];
        Assert.Equal(["S s mode=644 0:0 size=2048/512 mtime=0.000000000 sparse=512+512"], EntryCollector.Read(archive, 100).Entries);
    }

    [Fact]
    public void Reads_sparse_maps_in_pax_records()
    {
        byte[] archive =
        [
            .. Archive.Pax(
                ("GNU.sparse.major", "0"), ("GNU.sparse.minor", "1"), ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.map", "0,3,100,2"), ("GNU.sparse.name", "real"), ("GNU.sparse.size", "102")),
            .. Archive.Raw((byte)'0', "s", "abcde"u8.ToArray()),
            .. Archive.End,
        ];
        Assert.Equal(["0 real mode=644 0:0 size=102/5 mtime=0.000000000 sparse=0+3,100+2"], EntryCollector.Read(archive).Entries);
    }

    [Fact]
    public void Reads_sparse_maps_in_the_payload()
    {
        byte[] map = new byte[512];
        "2\n0\n3\n100\n2\n"u8.CopyTo(map);
        byte[] archive =
        [
            .. Archive.Pax(
                ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "102"), ("GNU.sparse.name", "real")),
            .. Archive.Raw((byte)'0', "s", [.. map, .. "abcde"u8]),
            .. Archive.End,
        ];
        EntryCollector read = EntryCollector.Read(archive, 33);
        Assert.Equal(["0 real mode=644 0:0 size=102/5 mtime=0.000000000 sparse=0+3,100+2"], read.Entries);
        Assert.Equal("abcde"u8.ToArray(), read.Payloads[0]);
        Assert.Equal(archive, read.AllBytes);
    }

    [Theory]
    [InlineData("0,3,100,9")]
    [InlineData("0,5,3,2")]
    [InlineData("0,3,1")]
    [InlineData("0,3,x,2")]
    public void Rejects_sparse_maps_that_overlap_or_exceed_the_file(string map)
    {
        byte[] archive =
        [
            .. Archive.Pax(("GNU.sparse.numblocks", "2"), ("GNU.sparse.size", "102"), ("GNU.sparse.map", map)),
            .. Archive.Raw((byte)'0', "s", new byte[500]),
            .. Archive.End,
        ];
        Assert.Equal(Fault.TarSparseMap, FaultOf(archive).Fault);
    }

    private static MalformedDataException FaultOf(byte[] archive) =>
        Assert.Throws<MalformedDataException>(() => EntryCollector.Read(archive));
}
