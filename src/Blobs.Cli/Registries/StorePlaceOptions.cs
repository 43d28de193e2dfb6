using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Storage.S3;

namespace Blobs.Cli.Registries;

/// <summary>The options that say where a registry's store is, for verbs that take a directory as well as a
/// bucket.</summary>
internal sealed class StorePlaceOptions
{
    private readonly Option<string> _store;

    private readonly Option<Uri?> _endpoint = new("--s3-endpoint")
    {
        Description = "With s3://: URL of an S3-compatible server. Default: AWS.",
        HelpName = "URL",
        CustomParser = result =>
        {
            bool isUrl = Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url)
                && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
            if (!isUrl)
            {
                result.AddError($"--s3-endpoint: '{result.Tokens[0].Value}' is not a URL, such as https://s3.example.com");
            }

            return url;
        },
    };

    private readonly Option<string?> _region = new("--s3-region")
    {
        Description = "With s3://: the bucket's region. Default: from the environment or the AWS profile, else us-east-1.",
        HelpName = "REGION",
    };

    private readonly Option<bool> _pathStyle = new("--s3-path-style")
    {
        Description = "With s3://: put the bucket into the URL's path, not its host name. Always so if the host is an IP address.",
    };

    /// <param name="store">The option <c>--store</c> of the verb.</param>
    public StorePlaceOptions(Option<string> store)
    {
        _store = store;
        _store.HelpName = "DIR|s3://BUCKET/PREFIX";
    }

    /// <summary>For verbs that need a store.</summary>
    public static StorePlaceOptions Create()
    {
        Option<string> store = CommonOptions.Store();
        store.Description = "Registry's directory, or a bucket; $BLOBS_STORE sets the default. It contains docker/registry/v2.";
        return new StorePlaceOptions(store);
    }

    /// <summary>Adds the options to a command, in front of its others.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_pathStyle, _region, _endpoint, _store])
        {
            command.Options.Insert(0, option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>The store of a call.</summary>
    public StorePlace Of(ParseResult arguments) => Of(arguments, arguments.GetRequiredValue(_store));

    /// <summary>A store that the verb itself found out about, reached as the options say.</summary>
    public StorePlace Of(ParseResult arguments, string store) => new(store, S3StorageOptions.TryParse(store) is { } bucket
        ? bucket with
        {
            Endpoint = arguments.GetValue(_endpoint),
            Region = arguments.GetValue(_region),
            PathStyle = arguments.GetValue(_pathStyle),
        }
        : null);

    private void Check(CommandResult result)
    {
        string? store = result.GetValue(_store) ?? CommonOptions.StoreVariable;
        bool isS3 = store?.StartsWith("s3:", StringComparison.OrdinalIgnoreCase) == true;
        if (isS3 && S3StorageOptions.TryParse(store!) is null)
        {
            result.AddError($"--store: '{store}' is not s3://BUCKET or s3://BUCKET/PREFIX.");
        }

        Option? alone = ((Option[])[_endpoint, _region, _pathStyle])
            .FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
        if (!isS3 && alone is not null)
        {
            result.AddError($"{alone.Name} needs --store s3://BUCKET.");
        }
    }
}
