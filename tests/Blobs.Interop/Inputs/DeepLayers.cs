using Blobs.Interop.Oracles;

namespace Blobs.Interop.Inputs;

/// <summary>Layers that each hide what the one before brought: <c>/file-N</c> of the last is all that is seen.</summary>
internal static class DeepLayers
{
    public static string[] Write(TemporaryRoot temporary, int count) =>
    [
        LayerFiles.Write(temporary, "0.tar", BaseLayer.Build(Oracle.Need("busybox"))),
        .. Enumerable.Range(1, count - 1).Select(number => LayerFiles.Write(temporary, $"{number}.tar", new TarBuilder()
            .Add(new TarMember($".wh.file-{number - 1}"))
            .Add(new TarMember($"file-{number}") { Content = "x"u8.ToArray() })
            .ToArray())),
    ];
}
