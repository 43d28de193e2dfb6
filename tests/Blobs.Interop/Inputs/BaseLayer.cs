using System.Text;

namespace Blobs.Interop.Inputs;

/// <summary>The small tree that the other layers change, hide and replace.</summary>
internal static class BaseLayer
{
    /// <param name="busybox">A static shell to run in a container, where there is one.</param>
    public static byte[] Build(string? busybox = null)
    {
        var tar = new TarBuilder()
            .AddRange(new[] { "bin/", "dev/", "etc/", "proc/", "sys/", "opaque/", "hidden/", "hidden/sub/", "was-directory/" }
                .Select(Directory))
            .Add(Directory("tmp/") with { Mode = 0b001_111_111_111 })
            .AddRange(new[]
                {
                    "etc/passwd", "etc/untouched", "opaque/old-1", "opaque/old-2", "hidden/a", "hidden/b", "hidden/sub/c",
                    "hidden/sub/d", "gone", "was-file", "was-directory/x", "relinked", "becomes-link",
                }
                .Select(Text))
            .Add(new TarMember("was-link", '2') { Link = "etc/passwd"u8.ToArray(), Mode = 0b111_111_111 });
        if (busybox is not null)
        {
            tar.Add(new TarMember("bin/busybox") { Mode = 0b111_101_101, Content = File.ReadAllBytes(busybox) });
            tar.Add(new TarMember("bin/sh", '2') { Link = "busybox"u8.ToArray(), Mode = 0b111_111_111 });
        }

        return tar.ToArray();
    }

    private static TarMember Directory(string name) => new(name, '5') { Mode = 0b111_101_101 };

    private static TarMember Text(string name) =>
        new(name) { Content = Encoding.UTF8.GetBytes($"the base's own {name}\n") };
}
