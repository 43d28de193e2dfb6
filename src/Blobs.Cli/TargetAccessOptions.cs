using System.CommandLine;
using Blobs.Distribution.Client;

namespace Blobs.Cli;

/// <summary>Options for the registry of a copy's target, where it differs from the source's.</summary>
/// <param name="both">The options that hold for both sides.</param>
internal sealed class TargetAccessOptions(RegistryAccessOptions both)
{
    private readonly Option<bool?> _plainHttp = new("--dest-plain-http")
    {
        Description = "As --plain-http, for the target alone; =false for the source alone.",
    };

    private readonly Option<string?> _authorityFile = new("--dest-ca-file")
    {
        Description = "As --ca-file, for the target alone.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _credentialsFile = new("--dest-authfile")
    {
        Description = "As --authfile, for the target alone.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_plainHttp);
        command.Options.Add(_authorityFile);
        command.Options.Add(_credentialsFile);
    }

    /// <summary>A client for the target; null when the source's will do.</summary>
    public RegistryClient? Connect(ParseResult arguments)
    {
        bool? isPlain = arguments.GetValue(_plainHttp);
        string? authority = arguments.GetValue(_authorityFile);
        string? credentials = arguments.GetValue(_credentialsFile);
        return isPlain is null && authority is null && credentials is null
            ? null
            : both.Connect(arguments, options => options with
            {
                PlainHttp = isPlain ?? options.PlainHttp,
                CertificateAuthorityFile = authority ?? options.CertificateAuthorityFile,
                Credentials = credentials is null ? options.Credentials : RegistryAccessOptions.LoginsIn(credentials),
            });
    }
}
