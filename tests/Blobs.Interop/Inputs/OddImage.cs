using Blobs.Interop.Oracles;

namespace Blobs.Interop.Inputs;

/// <summary>An image that runs and holds every odd thing: all kinds of files, names, owners and times, and whiteouts of every kind.</summary>
internal sealed record OddImage(string Archive, string Id, IReadOnlyList<string> DiffIds)
{
    public const string Name = "odd:1";

    /// <summary>What a container of it prints.</summary>
    public const string Output = "new\n/hidden:\n.\n..\nb\nsub\n\n/hidden/sub:\n.\n..\nd\nnow a file\ncontent of links/first\n";

    private static readonly string[] Command =
        ["/bin/sh", "-c", "ls /opaque; ls -a /hidden /hidden/sub; ls /gone 2>/dev/null; cat /was-directory /links/second"];

    public static OddImage Write(TemporaryRoot temporary)
    {
        string[] layers =
        [
            LayerFiles.Write(temporary, "odd-0.tar", BaseLayer.Build(Oracle.Need("busybox"))),
            LayerFiles.Write(temporary, "odd-1.tar", OddLayer.Build()),
            LayerFiles.Write(temporary, "odd-2.tar", WhiteoutLayer.Build()),
        ];
        string archive = temporary["odd.tar"];
        DockerArchive.Write(archive, Name, layers, Command);
        string[] diffIds = [.. layers.Select(Sha256Text.OfFile)];
        return new OddImage(archive, Sha256Text.Of(ImageConfig.Build(diffIds, Command)), diffIds);
    }
}
