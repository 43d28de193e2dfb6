using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs version</c>: the same as <c>--version</c>; as JSON, also what it runs on.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        var command = new Command("version", "Show the version.") { json };
        command.Runs("nothing was changed", (arguments, _) =>
        {
            var report = new VersionReport(VersionText, RuntimeInformation.FrameworkDescription, $"{Platform.Current}");
            Output.WriteReport(
                report, CliJson.Default.VersionReport, arguments.GetValue(json), output => output.WriteLine(report.Version));
            return Task.CompletedTask;
        });
        return command.With("blobs version", "blobs version --json");
    }

    private static string VersionText =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
