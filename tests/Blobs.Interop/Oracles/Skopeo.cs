using System.Text.Json;

namespace Blobs.Interop.Oracles;

/// <summary>skopeo, without anybody's certificates, signatures or state. It checks every digest of what it copies.</summary>
internal static class Skopeo
{
    /// <summary>Copies an image from one of skopeo's places to another.</summary>
    public static Task<CommandResult> CopyAsync(string source, string target, params string[] more) => RunAsync(
        ["copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", .. more, source, target]);

    public static Task<CommandResult> InspectAsync(string place, params string[] more) =>
        RunAsync(["inspect", "--tls-verify=false", .. more, place]);

    public static async Task<JsonElement> ConfigAsync(string image) => (await InspectAsync(image, "--config", "--raw")).Json;

    public static async Task<JsonElement> ManifestAsync(string image) => (await InspectAsync(image, "--raw")).Json;

    public static async Task<string[]> DiffIdsAsync(string image) =>
        (await ConfigAsync(image)).GetProperty("rootfs").GetProperty("diff_ids").Deserialize<string[]>()!;

    // Logins are kept in the runtime directory: without one, an ordinary user's skopeo looks where only root may read.
    private static Task<CommandResult> RunAsync(string[] arguments) =>
        (new Command(Oracle.Need("skopeo"), ["--insecure-policy", .. arguments]) with
        {
            Environment = new Dictionary<string, string> { ["XDG_RUNTIME_DIR"] = "/nonexistent" },
        }).SucceedAsync();
}
