using Chat.AppHost;
using Microsoft.Extensions.Configuration;

// The whole system, in the order in which a message meets it. Switches: --Chat:Nodes, --Chat:Redis, --Chat:Ports:Balancer, --Chat:Ports:Web.
var builder = DistributedApplication.CreateBuilder(args);
var ports = builder.Configuration.GetSection("Chat:Ports");

// Signs the access tokens. Made up anew for every run, unless Parameters:token-key is set.
var tokenKey = builder.AddParameter("token-key", new GenerateParameterDefault { MinLength = 32 }, secret: true);

// Room logs, fan-out and leases: Chat.Redis, a container, or a server that runs already.
var redis = builder.AddChatRedis();

// The chat itself, as often as asked for. Each node tells Redis its own address.
var node = builder.AddProject<Projects.Chat_Node>("node")
    .WithReplicas(builder.Configuration.GetValue("Chat:Nodes", 3))
    .WithReference(redis.Connection)
    .WithEnvironment("Chat__TokenKey", tokenKey)
    .WithNodeSettings(builder.Configuration)
    .WithEndpoint("http", endpoint => endpoint.Port = null)
    .WithHttpHealthCheck("/health/ready")
    .WaitForServer(redis);

// The door: finds the nodes by their leases in Redis, and spreads the WebSockets over them.
var balancer = builder.AddProject<Projects.Chat_Balancer>("balancer")
    .WithReference(redis.Connection)
    .WithEndpoint("http", endpoint => endpoint.Port = ports.GetValue<int?>("Balancer") ?? endpoint.Port)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/balancer/health")
    .WaitFor(node);

// The page, which talks to the balancer alone.
var packages = builder.AddExecutable("web-packages", "npm", "../chat-web", "install", "--no-audit", "--no-fund");
builder.AddNpmApp("web", "../chat-web", "dev")
    .WithReference(balancer)
    .WithHttpEndpoint(port: ports.GetValue("Web", 5173), env: "PORT")
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/")
    .WaitForCompletion(packages)
    .WaitFor(balancer);

builder.Build().Run();
