using System.Text;
using Blobs.Tar;
using Blobs.Tar.Internal;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Tar;

/// <summary>Headers are the same as those of Go's archive/tar. The expected bytes come from layers that dockerd 20.10
/// committed.</summary>
public sealed class TarWriterTests
{
    [Fact]
    public void The_pax_header_of_a_directory_is_named_as_an_entry_in_that_directory()
    {
        byte[] tar = Write(new TarMember
        {
            Name = "new/bigdir/"u8.ToArray(),
            Type = TarEntryType.Directory,
            Mode = 0b100_000_111_101_101,
            Uid = 3_000_001,
            Gid = 3_000_002,
        });
        Assert.Equal("new/bigdir/PaxHeaders.0", Text(tar, TarLayout.Name, 100));
        Assert.Equal("15 gid=3000002\n15 uid=3000001\n", Encoding.ASCII.GetString(tar, 512, 30));
        Assert.Equal("new/bigdir/", Text(tar, 1024 + TarLayout.Name, 100));
        Assert.Equal("0000000\0" + "0000000\0", Encoding.ASCII.GetString(tar, 1024 + TarLayout.Uid, 16));
    }

    [Fact]
    public void The_header_of_an_extension_has_no_owner_names_and_device_numbers()
    {
        byte[] tar = Write(new TarMember { Name = "caf\xe9"u8.ToArray(), UserName = "root"u8.ToArray(), GroupName = "adm"u8.ToArray() });
        Assert.All(tar[TarLayout.UserName..TarLayout.BlockBytes], value => Assert.Equal(0, value));
        Assert.Equal("root", Text(tar, 1024 + TarLayout.UserName, 32));
        Assert.Equal("adm", Text(tar, 1024 + TarLayout.GroupName, 32));
        Assert.Equal("0000000\0" + "0000000\0", Encoding.ASCII.GetString(tar, 1024 + TarLayout.DeviceMajor, 16));
    }

    [Fact]
    public void Headers_contain_only_the_ascii_part_of_a_name()
    {
        byte[] tar = Write(new TarMember { Name = "new/\u00e9"u8.ToArray() });
        Assert.Equal("new/PaxHeaders.0", Text(tar, TarLayout.Name, 100));
        Assert.Equal("15 path=new/\u00e9\n", Encoding.UTF8.GetString(tar, 512, 15));
        Assert.Equal("new/", Text(tar, 1024 + TarLayout.Name, 100));
    }

    [Theory]
    [InlineData(10_413_807_893, "21 mtime=10413807893\n")]
    [InlineData(-315_619_200, "20 mtime=-315619200\n")]
    public void A_time_that_does_not_fit_is_in_a_record_and_zero_in_the_header(long seconds, string record)
    {
        byte[] tar = Write(new TarMember { Name = "f"u8.ToArray(), ModifiedTime = new UnixTime(seconds, 0) });
        Assert.Equal(record, Encoding.ASCII.GetString(tar, 512, record.Length));
        Assert.Equal("00000000000", Text(tar, 1024 + TarLayout.ModifiedTime, 12));
    }

    [Fact]
    public void A_name_that_is_cut_at_a_slash_does_not_look_like_a_directory()
    {
        string name = new string('d', 99) + "/" + new string('f', 120);
        byte[] tar = Write(new TarMember { Name = Encoding.ASCII.GetBytes(name) });
        Assert.Equal(new string('d', 99), Text(tar, 1024 + TarLayout.Name, 100));
    }

    [Fact]
    public void Long_owner_names_and_link_targets_are_in_records()
    {
        byte[] tar = Write(new TarMember
        {
            Name = "f"u8.ToArray(),
            Type = TarEntryType.SymbolicLink,
            LinkName = Encoding.ASCII.GetBytes(new string('t', 101)),
            UserName = Encoding.ASCII.GetBytes(new string('u', 33)),
            GroupName = Encoding.ASCII.GetBytes(new string('g', 32)),
        });
        string records = Encoding.ASCII.GetString(tar, 512, 512).TrimEnd('\0');
        Assert.Equal($"115 linkpath={new string('t', 101)}\n43 uname={new string('u', 33)}\n", records);
        Assert.Equal(new string('u', 32), Text(tar, 1024 + TarLayout.UserName, 32));
        Assert.Equal(new string('g', 32), Text(tar, 1024 + TarLayout.GroupName, 32));
    }

    private static byte[] Write(TarMember member)
    {
        var bytes = new ByteCollector();
        var writer = new TarWriter(bytes);
        writer.Begin(member);
        writer.End();
        return bytes.ToArray();
    }

    private static string Text(byte[] tar, int offset, int length) =>
        Encoding.UTF8.GetString(tar, offset, length).TrimEnd('\0');
}
