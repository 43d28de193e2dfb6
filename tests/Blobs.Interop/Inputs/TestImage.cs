using System.Text;
using Blobs.Interop.Oracles;

namespace Blobs.Interop.Inputs;

/// <summary>A small image that runs, with a layer that takes a moment to send, in an archive for <c>docker load</c> and skopeo.</summary>
internal sealed record TestImage(string Archive, string Id, IReadOnlyList<string> DiffIds)
{
    /// <summary>Name of the image in the archive.</summary>
    public const string Name = "test:1";

    /// <summary>What a container of it prints.</summary>
    public const string Says = "hello from the last layer\n";

    // Random bytes do not compress: the blob is about as large as this.
    private const int LargeBytes = 12 << 20;

    private static readonly string[] Command = ["/bin/sh", "-c", "cat /hello.txt; ls /opaque"];

    public static TestImage Write(TemporaryRoot temporary, int seed = 1)
    {
        string busybox = Oracle.Need("busybox");
        byte[] large = new byte[LargeBytes];
        new Random(seed).NextBytes(large);
        string[] layers =
        [
            LayerFiles.Write(temporary, $"base-{seed}.tar", BaseLayer.Build(busybox)),
            LayerFiles.Write(temporary, $"large-{seed}.tar", new TarBuilder().Add(new TarMember("large") { Content = large }).ToArray()),
            LayerFiles.Write(temporary, $"whiteout-{seed}.tar", WhiteoutLayer.Build()),
            LayerFiles.Write(temporary, $"last-{seed}.tar", new TarBuilder()
                .Add(new TarMember("hello.txt") { Content = Encoding.UTF8.GetBytes(Says) }).ToArray()),
        ];
        string archive = temporary[$"image-{seed}.tar"];
        DockerArchive.Write(archive, Name, layers, Command);
        string[] diffIds = [.. layers.Select(Sha256Text.OfFile)];
        return new TestImage(archive, Sha256Text.Of(ImageConfig.Build(diffIds, Command)), diffIds);
    }

    /// <summary>What a container prints in all.</summary>
    public static string Output => $"{Says}new\n";
}
