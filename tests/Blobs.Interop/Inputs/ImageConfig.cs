using System.Runtime.InteropServices;
using System.Text.Json;

namespace Blobs.Interop.Inputs;

/// <summary>The least that OCI image-spec config.md asks of an image, for this machine.</summary>
internal static class ImageConfig
{
    public static byte[] Build(IReadOnlyList<string> diffIds, params string[] command)
    {
        const string Created = "2020-01-02T03:04:05Z";
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            config = new { Cmd = command },
            created = Created,
            history = diffIds.Select(_ => new { created = Created }).ToArray(),
            os = "linux",
            rootfs = new { type = "layers", diff_ids = diffIds },
        });
    }
}
