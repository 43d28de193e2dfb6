namespace Blobs.Interop.Oracles;

/// <summary>skopeo, without anybody's certificates, signatures or state.</summary>
internal static class Skopeo
{
    /// <summary>Copies an image from one of skopeo's places to another.</summary>
    public static Task<CommandResult> CopyAsync(string from, string to, params string[] more) => RunAsync(
        ["copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", .. more, from, to]);

    public static Task<CommandResult> InspectAsync(string place, params string[] more) =>
        RunAsync(["inspect", "--tls-verify=false", .. more, place]);

    private static Task<CommandResult> RunAsync(string[] arguments) =>
        new Command(Oracle.Need("skopeo"), ["--insecure-policy", .. arguments]).SucceedAsync();
}
