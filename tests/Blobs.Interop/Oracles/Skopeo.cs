using System.Text.Json;

namespace Blobs.Interop.Oracles;

/// <summary>skopeo, which checks every digest of what it copies.</summary>
internal static class Skopeo
{
    public static async Task CopyAsync(string source, string target, params string[] more) => await new Command(
        Oracle.Need("skopeo"),
        ["--insecure-policy", "copy", "--quiet", .. TlsOf("src", source), .. TlsOf("dest", target), .. more, source, target]).SucceedAsync();

    public static async Task<JsonElement> ConfigAsync(string image) => (await new Command(
        Oracle.Need("skopeo"), "inspect", "--tls-verify=false", "--config", "--raw", image).SucceedAsync()).Json;

    public static async Task<JsonElement> ManifestAsync(string image) => (await new Command(
        Oracle.Need("skopeo"), "inspect", "--tls-verify=false", "--raw", image).SucceedAsync()).Json;

    public static async Task<string[]> DiffIdsAsync(string image) =>
        (await ConfigAsync(image)).GetProperty("rootfs").GetProperty("diff_ids").Deserialize<string[]>()!;

    private static string[] TlsOf(string side, string image) =>
        image.StartsWith("docker://", StringComparison.Ordinal) ? [$"--{side}-tls-verify=false"] : [];
}
