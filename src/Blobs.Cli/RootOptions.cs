using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Stores;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Files;

namespace Blobs.Cli;

/// <summary>The options that select a data root, and opening that root with a lock held while the verb works.</summary>
/// <param name="writes">Whether the verb writes to the root.</param>
/// <param name="onlyAtEnd">Whether it writes only at the end, and locks the root for reading until then.</param>
/// <param name="makes">Whether it creates a missing root.</param>
internal sealed class RootOptions(bool writes, bool onlyAtEnd = false, bool makes = false)
{
    private readonly Option<string> _root = CommonOptions.Root();

    /// <summary>The help of <c>--root</c>, where it may name more than a data root.</summary>
    public string RootDescription
    {
        init => _root.Description = value;
    }

    private readonly Option<string?> _driver = CommonOptions.Driver();
    private readonly Option<TimeSpan?> _wait = CommonOptions.LockWait();
    private readonly Option<Durability> _durability = CommonOptions.Durability();

    public void AddTo(Command command)
    {
        command.Add(_root);
        command.Add(_driver);
        if (writes)
        {
            command.Add(_wait);
            command.Add(_durability);
        }
    }

    /// <summary>What <c>--root</c> says.</summary>
    public string RootIn(ParseResult arguments) => arguments.GetRequiredValue(_root);

    /// <summary>The same of a call that may be wrong; null when it is.</summary>
    public string? TextIn(CommandResult call) => call.ValueIfValid(_root);

    public string? DriverIn(ParseResult arguments) => arguments.GetValue(_driver);

    public TimeSpan? WaitIn(ParseResult arguments) => writes ? arguments.GetValue(_wait) : null;

    public Durability DurabilityIn(ParseResult arguments) => writes ? arguments.GetValue(_durability) : Durability.Commit;

    /// <summary>Opens the root that <c>--root</c> names and locks it: exclusively for writing, shared for
    /// reading.</summary>
    public Task<LockedRoot> OpenAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        OpenAsync(arguments, RootPlace.Docker(RootIn(arguments)), cancellationToken);

    /// <summary>Opens another root in the same way.</summary>
    public async Task<LockedRoot> OpenAsync(ParseResult arguments, string path, CancellationToken cancellationToken)
    {
        var options = new DockerRootOptions { Driver = DriverIn(arguments), Notices = Notices.ToStandardError };
        if (writes)
        {
            options = options with
            {
                Durability = DurabilityIn(arguments),
                LockWait = WaitIn(arguments),
            };
        }

        DockerRoot root = DockerRoot.Open(path, options);
        if (!makes)
        {
            root.Require();
        }

        Task<RootLock> taking = writes && !onlyAtEnd
            ? RootAccess.WriteAsync(root.Path, WaitIn(arguments), cancellationToken)
            : RootAccess.ReadAsync(root.Path, cancellationToken);
        return new LockedRoot(root, await taking.ConfigureAwait(false));
    }
}
