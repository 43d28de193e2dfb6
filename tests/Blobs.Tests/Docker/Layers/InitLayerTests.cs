using Blobs.Docker.Layers;
using Blobs.Files;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Docker.Layers;

/// <summary>What dockerd 20.10 puts between an image and a container.</summary>
public sealed class InitLayerTests
{
    private static readonly string[] Everything =
    [
        "755 .dockerenv", "755 dev", "755 dev/console", "755 dev/pts", "755 dev/shm", "755 etc", "755 etc/hostname", "755 etc/hosts",
        "link etc/mtab -> /proc/mounts", "755 etc/resolv.conf", "755 proc", "755 sys",
    ];

    [Fact]
    public void An_empty_image_gets_everything()
    {
        using var folder = new TemporaryFolder();
        InitLayer.Write(folder.Path, OwnerMap.None);
        Assert.Equal(Everything, TemporaryFolder.List(folder.Path));
    }

    [Fact]
    public void Files_and_links_in_the_way_are_hidden_and_directories_stay()
    {
        using var folder = new TemporaryFolder();
        folder.Write("etc/hosts", "the image's own");
        folder.Write("etc/passwd", "stays");
        folder.Write("proc/inside", "stays");
        folder.Write("dev", "a file where a directory belongs");
        File.CreateSymbolicLink(folder["etc/mtab"], "/etc/passwd");
        File.CreateSymbolicLink(folder["etc/resolv.conf"], "/etc/passwd");
        Directory.CreateDirectory(folder["etc/hostname"]);
        File.SetUnixFileMode(folder["etc"], (UnixFileMode)0b111_000_000);
        InitLayer.Write(folder.Path, OwnerMap.None);
        Assert.Equal(
            [
                "755 .dockerenv", "755 dev", "755 dev/console", "755 dev/pts", "755 dev/shm", "700 etc", "755 etc/hostname", "755 etc/hosts",
                "link etc/mtab -> /proc/mounts", "644 etc/passwd = stays", "755 etc/resolv.conf", "755 proc", "644 proc/inside = stays", "755 sys",
            ],
            TemporaryFolder.List(folder.Path));
    }

    [Fact]
    public void A_link_to_elsewhere_is_not_followed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["tree"]);
        Directory.CreateDirectory(folder["outside"]);
        File.CreateSymbolicLink(folder["tree/etc"], folder["outside"]);
        InitLayer.Write(folder["tree"], OwnerMap.None);
        Assert.Empty(Directory.GetFileSystemEntries(folder["outside"]));
        Assert.Equal(Everything, TemporaryFolder.List(folder["tree"]));
    }
}
